// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import io.diskplug.spi.DiskSource;

/** The element of a disk with what an attach adds to it, but for the address. */
public final class PlacedXml {

  private PlacedXml() {}

  /** With target dev, serial and alias. */
  public static DiskXml of(DiskSource disk, String targetDev) {
    DiskXml xml = DiskElement.of(disk.options(), disk.source());
    xml.target = new TargetXml();
    xml.target.dev = targetDev;
    xml.target.bus = disk.options().bus().xmlName();
    xml.serial = disk.volume().id();
    xml.alias = new AliasXml();
    xml.alias.name = disk.volume().identity().alias();
    return xml;
  }
}
