// SPDX-License-Identifier: Apache-2.0
/** What libvirt answers when a call fails. */
@NullMarked
package io.diskplug.fault;

import org.jspecify.annotations.NullMarked;
