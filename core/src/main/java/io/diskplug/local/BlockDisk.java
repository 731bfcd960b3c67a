// SPDX-License-Identifier: Apache-2.0
package io.diskplug.local;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.SourceSpec;
import io.diskplug.domain.VolumeRef;
import io.diskplug.spi.DiskSource;
import java.nio.file.Path;

/**
 * A block device of the host as a disk: a logical volume, a LUN that the host's kernel has logged
 * in to, a partition. Immutable.
 *
 * <p>The device is named by its path. Give one that stays the same over restarts of the host and is
 * the same on all hosts, such as {@code /dev/disk/by-id/…} or {@code /dev/GROUP/VOLUME}: {@code
 * /dev/sdb} may be another disk tomorrow. Use one name for a device everywhere: two names, as of a
 * link and the device that it leads to, are two volumes, and a domain can be given both.
 *
 * @param volumeId the caller's name for the volume, which becomes the serial
 * @param device where it is on the host of the domain
 * @param options how the guest shall have it
 */
public record BlockDisk(String volumeId, Path device, DiskOptions options) implements DiskSource {

  /**
   * Checks what can be checked without the host.
   *
   * @throws IllegalArgumentException if the volume id is not 1 to 64 of A-Z a-z 0-9 _ -; or the
   *     path is not absolute, has {@code .} or {@code ..}, or a control character
   */
  public BlockDisk {
    ref(volumeId, device);
  }

  /**
   * A disk with {@link DiskOptions#DEFAULTS}.
   *
   * @param volumeId the caller's name for the volume
   * @param device where it is on the host of the domain
   * @throws IllegalArgumentException as the constructor
   */
  public static BlockDisk of(String volumeId, Path device) {
    return new BlockDisk(volumeId, device, DiskOptions.DEFAULTS);
  }

  /**
   * The volume that a disk of this device is, for a detach, which needs no more.
   *
   * @param volumeId the caller's name for the volume
   * @param device where it is on the host of the domain
   * @throws IllegalArgumentException as the constructor
   */
  public static VolumeRef ref(String volumeId, Path device) {
    return Paths.ref(volumeId, device);
  }

  /**
   * The same with other options.
   *
   * @param options how the guest shall have it
   */
  public BlockDisk withOptions(DiskOptions options) {
    return new BlockDisk(volumeId, device, options);
  }

  @Override
  public VolumeRef volume() {
    return ref(volumeId, device);
  }

  @Override
  public SourceSpec source() {
    return SourceSpec.block(device.toString());
  }
}
