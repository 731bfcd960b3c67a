// SPDX-License-Identifier: Apache-2.0
package io.diskplug.benchmarks;

import io.diskplug.disk.DiskOptions;
import io.diskplug.diskxml.DiskXml;
import io.diskplug.diskxml.SourceXml;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.VolumeRef;
import io.diskplug.spi.DiskSource;
import java.nio.file.Path;

/** A raw file as a virtio disk. */
record FileDisk(String volumeId, Path file) implements DiskSource {

  @Override
  public VolumeRef volume() {
    return new VolumeRef(volumeId, new SourceIdentity("file", "", file.toString()));
  }

  @Override
  public DiskBus bus() {
    return DiskOptions.DEFAULTS.bus();
  }

  @Override
  public DiskXml toXml() {
    DiskXml xml = DiskOptions.DEFAULTS.toXml();
    xml.type = "file";
    xml.source = new SourceXml();
    xml.source.file = file.toString();
    return xml;
  }
}
