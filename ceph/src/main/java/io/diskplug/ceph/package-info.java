// SPDX-License-Identifier: Apache-2.0
/** Ceph RBD images as disks. */
@NullMarked
package io.diskplug.ceph;

import org.jspecify.annotations.NullMarked;
