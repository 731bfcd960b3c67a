// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.diskplug.domain.VolumeRef;
import io.diskplug.local.BlockDisk;
import io.diskplug.spi.DiskSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/** The contract, with block devices: loop devices, which root alone can make. */
class BlockDiskIT {

  private static final long SIZE = 24 << 20;

  @Nested
  class OnPc extends BackendContract {

    private final Map<Path, Path> files = new HashMap<>();

    OnPc() {
      super("pc");
    }

    @BeforeAll
    void root() {
      assumeTrue(
          "root".equals(System.getProperty("user.name"))
              && Files.exists(Path.of("/dev/loop-control")),
          "loop devices need root");
    }

    @Override
    protected DiskSource newDisk(String volumeId) {
      Path file = lab.file(volumeId, SIZE);
      Path device = Path.of(run("losetup", "--find", "--show", file.toString()).strip());
      files.put(device, file);
      permit(device, "rw-rw-rw-");
      return BlockDisk.of(volumeId, device);
    }

    @Override
    protected void grow(VolumeRef volume) {
      Path device = Path.of(volume.identity().name());
      lab.resize(files.get(device), 2 * SIZE);
      run("losetup", "--set-capacity", device.toString());
    }

    @Override
    protected long size() {
      return SIZE;
    }

    /** A device that a guest still has stays until that closes it. */
    @AfterAll
    void freeDevices() {
      files
          .keySet()
          .forEach(
              device -> {
                permit(device, "rw-------");
                run("losetup", "--detach", device.toString());
              });
    }

    /** The lab's QEMU runs as a user of its own. */
    private static void permit(Path device, String permissions) {
      try {
        Files.setPosixFilePermissions(device, PosixFilePermissions.fromString(permissions));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static String run(String... command) {
      Lab.Result result = Lab.Result.of(List.of(command), 30);
      assertThat(result.exitCode()).as(result.output()).isZero();
      return result.output();
    }
  }
}
