// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.GeneratedOptions;
import io.diskplug.disk.HostPort;
import io.diskplug.domain.Disk;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.StorageSource;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.internal.xml.write.AddressXml;
import io.diskplug.internal.xml.write.DiskXml;
import io.diskplug.internal.xml.write.DiskXmlWriter;
import io.diskplug.internal.xml.write.PlacedXml;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class RbdDiskProperties {

  @Property
  void aDiskIsReadBackAsItWasWritten(
      @ForAll("disks") RbdDisk disk,
      @ForAll @IntRange(max = 0xff) int bus,
      @ForAll @IntRange(max = 0x1f) int slot) {
    DiskXml xml = PlacedXml.of(disk, "vdb");
    xml.address = new AddressXml();
    xml.address.type = "pci";
    xml.address.bus = "0x" + Integer.toHexString(bus);
    xml.address.slot = "0x" + Integer.toHexString(slot);

    Disk read = DomainXmlReader.readDisk(DiskXmlWriter.write(xml));

    DiskOptions options = disk.options();
    assertThat(read)
        .isEqualTo(
            new Disk(
                "disk",
                "vdb",
                disk.options().bus(),
                null,
                new StorageSource(
                    "rbd",
                    disk.image().path(),
                    disk.image().snapshot().orElse(null),
                    disk.monitors().stream().map(HostPort::host).toList(),
                    disk.encryption()
                        .map(encryption -> encryption.format().xmlName() + " librbd")
                        .orElse(null)),
                List.of(),
                false,
                null,
                disk.volumeId(),
                disk.volume().identity().alias(),
                PciAddress.of(bus, slot),
                options.readOnly(),
                options.shareable(),
                GeneratedOptions.driver(options),
                GeneratedOptions.ioTune(options),
                GeneratedOptions.blockIo(options),
                Map.of()));
    assertThat(disk.volume().identity().names(read.source())).isTrue();
  }

  @Property
  void anAliasIsOneThatLibvirtKeepsAndTellsVolumesApart(
      @ForAll("images") RbdImage one, @ForAll("images") RbdImage other) {
    String alias = RbdDisk.ref("pvc-1", one).identity().alias();

    assertThat(alias).matches("ua-[A-Za-z0-9_-]+");
    assertThat(alias.equals(RbdDisk.ref("pvc-2", other).identity().alias()))
        .isEqualTo(one.equals(other));
  }

  @Provide
  Arbitrary<RbdDisk> disks() {
    return GeneratedRbdDisks.any();
  }

  @Provide
  Arbitrary<RbdImage> images() {
    return GeneratedRbdDisks.images(GeneratedRbdDisks.NAMES);
  }
}
