// SPDX-License-Identifier: Apache-2.0
/** Ceph RBD images as disks, and a probe that asks Ceph about them. */
@NullMarked
package io.diskplug.ceph;

import org.jspecify.annotations.NullMarked;
