// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.GeneratedOptions;
import io.diskplug.disk.HostPort;
import io.diskplug.diskxml.AddressXml;
import io.diskplug.diskxml.AliasXml;
import io.diskplug.diskxml.DiskXml;
import io.diskplug.diskxml.DiskXmlWriter;
import io.diskplug.diskxml.TargetXml;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainXmlReader;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.SourceHost;
import io.diskplug.domain.StorageSource;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class IscsiDiskProperties {

  @Property
  void aDiskIsReadBackAsItWasWritten(
      @ForAll("disks") IscsiDisk disk, @ForAll @IntRange(max = 16383) int unit) {
    DiskXml xml = disk.toXml();
    xml.target = new TargetXml();
    xml.target.dev = "sdb";
    xml.target.bus = disk.bus().xmlName();
    xml.serial = disk.volume().id();
    xml.alias = new AliasXml();
    xml.alias.name = disk.volume().identity().alias();
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
                disk.bus(),
                null,
                new StorageSource(
                    "iscsi",
                    disk.lun().path(),
                    null,
                    List.of(new SourceHost(disk.portal().host(), disk.portal().port()))),
                List.of(),
                null,
                disk.volumeId(),
                disk.volume().identity().alias(),
                new DriveAddress(0, 0, 0, unit),
                disk.options().readOnly(),
                disk.options().shareable(),
                GeneratedOptions.driver(disk.options()),
                GeneratedOptions.ioTune(disk.options())));
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
    Arbitrary<HostPort> portals =
        Combinators.combine(
                Arbitraries.of("portal", "portal.example.org", "192.0.2.7", "2001:db8::7"),
                Arbitraries.integers().between(1, 65535))
            .as(HostPort::new);
    // A password and its user may be anything; XML knows no control characters.
    Arbitrary<ChapAuth> auths =
        Arbitraries.strings()
            .withCharRange(' ', '~')
            .withCharRange('\u00a1', '\ud7ff')
            .ofMinLength(1)
            .map(user -> new ChapAuth(user, new UUID(user.hashCode(), 1)));
    return Combinators.combine(
            Arbitraries.strings()
                .withCharRange('a', 'z')
                .withCharRange('A', 'Z')
                .withCharRange('0', '9')
                .withChars('_', '-')
                .ofMinLength(1)
                .ofMaxLength(64),
            luns(),
            portals,
            auths.optional(),
            targets().optional(),
            GeneratedOptions.any())
        .as(IscsiDisk::new);
  }

  @Provide
  Arbitrary<IscsiLun> luns() {
    return Combinators.combine(targets(), Arbitraries.integers().between(0, 16383))
        .as(IscsiLun::new);
  }

  private static Arbitrary<String> targets() {
    Arbitrary<String> iqns =
        Arbitraries.strings()
            .withCharRange('a', 'z')
            .withCharRange('A', 'Z')
            .withCharRange('0', '9')
            .withChars("._:-")
            .ofMinLength(1)
            .ofMaxLength(150)
            .map(name -> "iqn.2026-01.io.diskplug:" + name);
    Arbitrary<String> hex = Arbitraries.strings().withChars("0123456789abcdefABCDEF").ofLength(16);
    return Arbitraries.oneOf(
        iqns, hex.map(name -> "eui." + name), hex.map(name -> "naa." + name + name));
  }
}
