// SPDX-License-Identifier: Apache-2.0
/** iSCSI LUNs as disks, through the initiator that is built into QEMU, and what a target says. */
@NullMarked
package io.diskplug.iscsi;

import org.jspecify.annotations.NullMarked;
