// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import io.diskplug.disk.DiskOptions;
import io.diskplug.local.FileDisk;

/** Volumes on new files of a lab. */
public final class LabDisks {

  private LabDisks() {}

  /** A new volume on a new file. */
  public static FileDisk file(Lab lab, long bytes) {
    return file(lab, bytes, DiskOptions.DEFAULTS);
  }

  /** A new volume on a new file, used in another way than usual. */
  public static FileDisk file(Lab lab, long bytes, DiskOptions options) {
    String id = Lab.volumeId();
    return new FileDisk(id, lab.file(id + ".img", bytes), options);
  }
}
