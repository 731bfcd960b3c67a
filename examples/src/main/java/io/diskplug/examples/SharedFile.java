// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.SourceSpec;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.VolumeRef;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.StorageProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * A storage of one's own: raw files on a file system that all hosts have mounted at the same place,
 * say by NFS.
 *
 * @param volumeId the caller's name for the volume, which becomes the serial
 * @param file where it is, on every host
 * @param options how the guest shall have it
 */
public record SharedFile(String volumeId, Path file, DiskOptions options) implements DiskSource {

  /**
   * Checks what can be checked without the storage.
   *
   * @throws IllegalArgumentException if the path is not absolute: QEMU has a working directory of
   *     its own
   */
  public SharedFile {
    if (!file.isAbsolute()) {
      throw new IllegalArgumentException("not an absolute path: " + file);
    }
  }

  @Override
  public VolumeRef volume() {
    return new VolumeRef(volumeId, new SourceIdentity("file", "", file.toString()));
  }

  @Override
  public SourceSpec source() {
    return SourceSpec.file(file.toString());
  }

  /** Asks the file system. One that hangs keeps a thread of the executor's, and not a domain. */
  public static final class Probe implements StorageProbe {

    @Override
    public boolean answersFor(DiskSource disk) {
      return disk instanceof SharedFile;
    }

    @Override
    public Finding beforeAttach(DiskSource disk, Duration budget) {
      Path file = ((SharedFile) disk).file();
      try {
        return Files.isRegularFile(file)
            ? new Ready(OptionalLong.of(Files.size(file)))
            : new Refused(Reason.NOT_FOUND, "no such file: " + file);
      } catch (NoSuchFileException e) {
        return new Refused(Reason.NOT_FOUND, "no such file: " + file);
      } catch (IOException e) {
        return new Refused(Reason.UNREACHABLE, file + ": " + e.getMessage());
      }
    }

    /** QEMU's lock on the file keeps a second writer away. */
    @Override
    public Finding afterAttach(DiskSource disk, Duration budget) {
      return new Ready(OptionalLong.empty());
    }

    @Override
    public void close() {}
  }
}
