// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.domain.DiskBus;
import io.diskplug.domain.VolumeRef;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Where a guest finds a disk. */
final class GuestPaths {

  /** {@code VIRTIO_BLK_ID_BYTES}: what virtio-blk shows of a serial. */
  private static final int VIRTIO_SERIAL_BYTES = 20;

  private GuestPaths() {}

  /**
   * Where a Linux guest with udev finds a volume. Only on the virtio bus: udev names SCSI disks by
   * rules of its own; for virtio-blk the rule is one line long.
   */
  static Optional<String> of(VolumeRef volume, DiskBus bus) {
    return bus == DiskBus.VIRTIO ? Optional.of(virtio(volume.id())) : Optional.empty();
  }

  /** The link that udev makes for a virtio-blk disk with this serial. */
  static String virtio(String serial) {
    return "/dev/disk/by-id/virtio-" + shownSerial(serial);
  }

  /** What virtio-blk shows of a serial: its first bytes. */
  static String shownSerial(String serial) {
    byte[] bytes = serial.getBytes(StandardCharsets.UTF_8);
    int shown = Math.min(bytes.length, VIRTIO_SERIAL_BYTES);
    return new String(bytes, 0, shown, StandardCharsets.UTF_8);
  }
}
