// SPDX-License-Identifier: Apache-2.0
/**
 * Safe hot-plug of libvirt disks: {@link io.diskplug.DiskPlug} attaches and detaches, and answers
 * only with what it has verified.
 */
@NullMarked
package io.diskplug;

import org.jspecify.annotations.NullMarked;
