// SPDX-License-Identifier: Apache-2.0
/**
 * What it means when a call of libvirt fails: one table, and the verdict of each row.
 *
 * <p>A verdict is advice: the state, read again after every error, decides. Nothing here depends on
 * more than the JDK.
 */
@NullMarked
package io.diskplug.internal.fault;

import org.jspecify.annotations.NullMarked;
