// SPDX-License-Identifier: Apache-2.0
/**
 * What libvirt answers when a call fails, and what that means.
 *
 * <p>A verdict is advice: the state, read again after every error, decides. Nothing here depends on
 * more than the JDK.
 */
@NullMarked
package io.diskplug.fault;

import org.jspecify.annotations.NullMarked;
