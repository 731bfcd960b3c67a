// SPDX-License-Identifier: Apache-2.0
/**
 * The third view: what QEMU really has, as its monitor tells it, and what of that no view of
 * libvirt explains.
 */
@NullMarked
package io.diskplug.internal.qemu;

import org.jspecify.annotations.NullMarked;
