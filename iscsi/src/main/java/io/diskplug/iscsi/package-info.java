// SPDX-License-Identifier: Apache-2.0
/** iSCSI LUNs as disks, through the initiator that is built into QEMU. */
@NullMarked
package io.diskplug.iscsi;

import org.jspecify.annotations.NullMarked;
