// SPDX-License-Identifier: Apache-2.0
/**
 * Safe hot-plug of libvirt disks: {@link io.diskplug.DiskPlug} attaches, detaches and plans, and
 * answers only with what it has verified.
 */
@NullMarked
package io.diskplug;

import org.jspecify.annotations.NullMarked;
