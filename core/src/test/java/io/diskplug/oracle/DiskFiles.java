// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import io.diskplug.lab.Lab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Small files for the disks of one domain at a time: QEMU locks them while it uses them. */
final class DiskFiles implements AutoCloseable {

  private static final long BYTES = 64 << 10;

  private final Lab lab;
  private final String prefix = Lab.unique("oracle");
  private final List<Path> files = new ArrayList<>();
  private int used;

  DiskFiles(Lab lab) {
    this.lab = lab;
  }

  /** A file that the current domain does not use yet. */
  Path next() {
    if (used == files.size()) {
      // The first file makes the folder, too.
      synchronized (DiskFiles.class) {
        files.add(lab.file(prefix + "-" + used + ".raw", BYTES));
      }
    }
    return files.get(used++);
  }

  /** Begins a new domain. */
  void rewind() {
    used = 0;
  }

  @Override
  public void close() throws IOException {
    for (Path file : files) {
      Files.delete(file);
    }
  }
}
