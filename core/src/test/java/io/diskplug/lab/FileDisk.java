// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.SerialChoice;
import io.diskplug.diskxml.DiskXml;
import io.diskplug.diskxml.SourceXml;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.VolumeRef;
import io.diskplug.spi.DiskSource;
import java.nio.file.Path;

/** A raw file as a disk: the simplest storage there is. */
public record FileDisk(String volumeId, Path file, DiskOptions options) implements DiskSource {

  /** A new volume on a new file of the lab. */
  public static FileDisk in(Lab lab, long bytes) {
    return in(lab, bytes, DiskOptions.DEFAULTS);
  }

  /** A new volume on a new file of the lab, used in another way than usual. */
  public static FileDisk in(Lab lab, long bytes, DiskOptions options) {
    String id = Lab.volumeId();
    return new FileDisk(id, lab.file(id + ".img", bytes), options);
  }

  @Override
  public VolumeRef volume() {
    return new VolumeRef(volumeId, new SourceIdentity("file", "", file.toString()));
  }

  @Override
  public DiskBus bus() {
    return options.bus();
  }

  @Override
  public SerialChoice serial() {
    return options.serial();
  }

  @Override
  public DiskXml toXml() {
    DiskXml xml = options.toXml();
    xml.type = "file";
    xml.source = new SourceXml();
    xml.source.file = file.toString();
    return xml;
  }
}
