// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.GeneratedOptions;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.StorageSource;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.internal.xml.write.AddressXml;
import io.diskplug.internal.xml.write.DiskXml;
import io.diskplug.internal.xml.write.DiskXmlWriter;
import io.diskplug.internal.xml.write.PlacedXml;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class IscsiDiskProperties {

  @Property
  void aDiskIsReadBackAsItWasWritten(
      @ForAll("disks") IscsiDisk disk, @ForAll @IntRange(max = 16383) int unit) {
    DiskXml xml = PlacedXml.of(disk, "sdb");
    xml.address = new AddressXml();
    xml.address.type = "drive";
    xml.address.controller = "0";
    xml.address.bus = "0";
    xml.address.target = "0";
    xml.address.unit = Integer.toString(unit);

    Disk read = DomainXmlReader.readDisk(DiskXmlWriter.write(xml));

    assertThat(read)
        .isEqualTo(
            new Disk(
                "disk",
                "sdb",
                disk.options().bus(),
                null,
                new StorageSource("iscsi", disk.lun().path(), null, List.of(disk.portal().host())),
                List.of(),
                false,
                null,
                disk.volumeId(),
                disk.volume().identity().alias(),
                new DriveAddress(0, 0, 0, unit),
                disk.options().readOnly(),
                disk.options().shareable(),
                GeneratedOptions.driver(disk.options()),
                GeneratedOptions.ioTune(disk.options()),
                GeneratedOptions.blockIo(disk.options()),
                Map.of()));
    assertThat(disk.volume().identity().names(read.source())).isTrue();
  }

  @Property
  void oneLunIsOneVolumeHoweverItIsSpelt(
      @ForAll("luns") IscsiLun one, @ForAll("luns") IscsiLun other) {
    String alias = IscsiDisk.ref("pvc-1", one).identity().alias();

    assertThat(alias).matches("ua-[A-Za-z0-9_-]+");
    assertThat(alias)
        .isEqualTo(
            IscsiDisk.ref("pvc-2", new IscsiLun(one.target().toUpperCase(Locale.ROOT), one.lun()))
                .identity()
                .alias());
    assertThat(alias.equals(IscsiDisk.ref("pvc-1", other).identity().alias()))
        .isEqualTo(
            one.lun() == other.lun()
                && one.target()
                    .toLowerCase(Locale.ROOT)
                    .equals(other.target().toLowerCase(Locale.ROOT)));
  }

  @Provide
  Arbitrary<IscsiDisk> disks() {
    return GeneratedIscsiDisks.any();
  }

  @Provide
  Arbitrary<IscsiLun> luns() {
    return GeneratedIscsiDisks.luns();
  }
}
