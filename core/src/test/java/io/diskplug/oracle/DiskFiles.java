// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import io.diskplug.lab.Lab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.libvirt.Connect;
import org.libvirt.LibvirtException;
import org.libvirt.StoragePool;

/**
 * Small files for the disks of one domain at a time: QEMU locks them while it uses them. Some are
 * the volumes of a storage pool.
 */
final class DiskFiles implements AutoCloseable {

  private static final long BYTES = 64 << 10;
  private static final int VOLUMES = 8;

  private final Lab lab;
  private final String prefix = Lab.unique("oracle");
  private final List<Path> files = new ArrayList<>();
  private final Path poolFolder;
  private final StoragePool pool;
  private int used;
  private int volumesUsed;

  DiskFiles(Lab lab, Connect connect) throws IOException, LibvirtException {
    this.lab = lab;
    // The first file makes the folder, too.
    synchronized (DiskFiles.class) {
      poolFolder = Files.createDirectory(lab.filesDirectory().resolve(prefix + "-pool"));
    }
    Files.setPosixFilePermissions(poolFolder, PosixFilePermissions.fromString("rwxrwxrwx"));
    for (int i = 0; i < VOLUMES; i++) {
      Path unused = lab.file(poolFolder.resolve(volume(i)).toString(), BYTES);
    }
    pool =
        connect.storagePoolCreateXML(
            "<pool type='dir'><name>%s</name><target><path>%s</path></target></pool>"
                .formatted(prefix, poolFolder),
            0);
  }

  private static String volume(int number) {
    return "volume-" + number + ".raw";
  }

  /** A file that the current domain does not use yet. */
  Path next() {
    if (used == files.size()) {
      synchronized (DiskFiles.class) {
        files.add(lab.file(prefix + "-" + used + ".raw", BYTES));
      }
    }
    return files.get(used++);
  }

  /** The source of a disk on a volume that the current domain does not use yet, if there is one. */
  Optional<String> nextOfPool() {
    return volumesUsed == VOLUMES
        ? Optional.empty()
        : Optional.of("<source pool='%s' volume='%s'/>".formatted(prefix, volume(volumesUsed++)));
  }

  /** Begins a new domain. */
  void rewind() {
    used = 0;
    volumesUsed = 0;
  }

  @Override
  public void close() throws IOException, LibvirtException {
    try {
      pool.destroy();
      int unused = pool.free();
    } finally {
      for (int i = 0; i < VOLUMES; i++) {
        Files.delete(poolFolder.resolve(volume(i)));
      }
      Files.delete(poolFolder);
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }
}
