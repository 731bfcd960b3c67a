// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import io.diskplug.ceph.LabCluster;
import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.VolumeRef;
import io.diskplug.lab.Lab;
import io.diskplug.local.FileDisk;
import io.diskplug.spi.DiskSource;
import java.nio.file.Path;

/**
 * A volume of the harness: a file or an RBD image.
 *
 * @param id the volume id
 * @param kind {@code file} or {@code rbd}
 * @param source the file's path, or the image's name in the lab's pool
 */
record Volume(String id, String kind, String source) {

  private static final int MEBIBYTES = 8;

  /** How large each is at first. */
  static final long BYTES = (long) MEBIBYTES << 20;

  static Volume newFile(Lab lab) {
    String id = Lab.volumeId();
    return new Volume(id, "file", lab.file(id + ".img", BYTES).toString());
  }

  static Volume newImage(Lab lab) {
    String id = Lab.volumeId();
    LabCluster.newImage(lab, id, MEBIBYTES);
    return new Volume(id, "rbd", id);
  }

  /** As it goes over the wire to a controller. */
  String words() {
    return id + " " + kind + " " + source;
  }

  /** What the library is given. */
  DiskSource disk(Lab lab) {
    return isImage()
        ? LabCluster.disk(lab, id, LabCluster.image(lab, source))
        : new FileDisk(id, Path.of(source), DiskOptions.DEFAULTS);
  }

  VolumeRef ref(Lab lab) {
    return disk(lab).volume();
  }

  boolean isImage() {
    return kind.equals("rbd");
  }

  /** As {@link DomainXml.Disk#source} has it. */
  String inXml(Lab lab) {
    return isImage() ? "rbd:" + lab.get("CEPH_POOL") + "/" + source : "file:" + source;
  }

  /** Whether a block node has it open, by what QEMU says the node's file is. */
  boolean isOpenAs(String file) {
    return isImage() ? file.contains("\\\"image\\\": \\\"" + source + "\\\"") : file.equals(source);
  }

  @Override
  public String toString() {
    return kind + " " + id;
  }
}
