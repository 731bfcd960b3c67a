// SPDX-License-Identifier: Apache-2.0
package io.diskplug.alloc;

import org.jspecify.annotations.Nullable;

/** The models of SCSI controllers, and the addresses on the bus of each. */
enum ScsiModel {
  VIRTIO_SCSI(255, 16383),
  NARROW(0, 15);

  final int maxTarget;
  final int maxUnit;

  ScsiModel(int maxTarget, int maxUnit) {
    this.maxTarget = maxTarget;
    this.maxUnit = maxUnit;
  }

  /** The model with this name; null if disks are not placed on it. */
  static @Nullable ScsiModel of(@Nullable String xmlName) {
    if (xmlName == null) {
      return null;
    }
    return switch (xmlName) {
      case "virtio-scsi", "virtio-transitional", "virtio-non-transitional" -> VIRTIO_SCSI;
      default -> null;
    };
  }
}
