// SPDX-License-Identifier: Apache-2.0
package io.diskplug.local;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.SourceSpec;
import io.diskplug.domain.VolumeRef;
import io.diskplug.spi.DiskSource;
import java.nio.file.Path;

/**
 * A raw file of the host as a disk, or of a file system that all hosts have mounted at the same
 * place, say by NFS. QEMU opens the file as the user that libvirt runs it as. Immutable.
 *
 * <p>The file is taken as raw, whatever is in it: a guest would see the header of a QCOW2 file.
 *
 * @param volumeId the caller's name for the volume, which becomes the serial
 * @param file where it is on the host of the domain. A symbolic link is another volume than the
 *     file that it leads to.
 * @param options how the guest shall have it
 */
public record FileDisk(String volumeId, Path file, DiskOptions options) implements DiskSource {

  /**
   * Checks what can be checked without the host.
   *
   * @throws IllegalArgumentException if the volume id is not 1 to 64 of A-Z a-z 0-9 _ -; or the
   *     path is not absolute, has {@code .} or {@code ..}, or a control character
   */
  public FileDisk {
    ref(volumeId, file);
  }

  /**
   * A disk with {@link DiskOptions#DEFAULTS}.
   *
   * @param volumeId the caller's name for the volume
   * @param file where it is on the host of the domain
   * @throws IllegalArgumentException as the constructor
   */
  public static FileDisk of(String volumeId, Path file) {
    return new FileDisk(volumeId, file, DiskOptions.DEFAULTS);
  }

  /**
   * The volume that a disk of this file is, for a detach, which needs no more.
   *
   * @param volumeId the caller's name for the volume
   * @param file where it is on the host of the domain
   * @throws IllegalArgumentException as the constructor
   */
  public static VolumeRef ref(String volumeId, Path file) {
    return Paths.ref(volumeId, file);
  }

  /**
   * The same with other options.
   *
   * @param options how the guest shall have it
   */
  public FileDisk withOptions(DiskOptions options) {
    return new FileDisk(volumeId, file, options);
  }

  @Override
  public VolumeRef volume() {
    return ref(volumeId, file);
  }

  @Override
  public SourceSpec source() {
    return SourceSpec.file(file.toString());
  }
}
