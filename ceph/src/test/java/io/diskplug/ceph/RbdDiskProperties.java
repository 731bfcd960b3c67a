// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.GeneratedOptions;
import io.diskplug.disk.HostPort;
import io.diskplug.diskxml.AddressXml;
import io.diskplug.diskxml.AliasXml;
import io.diskplug.diskxml.DiskXml;
import io.diskplug.diskxml.DiskXmlWriter;
import io.diskplug.diskxml.TargetXml;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainXmlReader;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.SourceHost;
import io.diskplug.domain.StorageSource;
import java.util.List;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
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
    DiskXml xml = disk.toXml();
    xml.target = new TargetXml();
    xml.target.dev = "vdb";
    xml.target.bus = disk.bus().xmlName();
    xml.serial = disk.volume().id();
    xml.alias = new AliasXml();
    xml.alias.name = disk.volume().identity().alias();
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
                disk.bus(),
                null,
                new StorageSource(
                    "rbd",
                    disk.image().path(),
                    null,
                    disk.monitors().stream()
                        .map(monitor -> new SourceHost(monitor.host(), monitor.port()))
                        .toList()),
                List.of(),
                null,
                disk.volumeId(),
                disk.volume().identity().alias(),
                PciAddress.of(bus, slot),
                options.readOnly(),
                options.shareable(),
                GeneratedOptions.driver(options),
                GeneratedOptions.ioTune(options)));
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
    return Combinators.combine(
            Arbitraries.strings()
                .withCharRange('a', 'z')
                .withCharRange('A', 'Z')
                .withCharRange('0', '9')
                .withChars('_', '-')
                .ofMinLength(1)
                .ofMaxLength(64),
            images(),
            hosts().list().ofMinSize(1).ofMaxSize(9),
            auths().optional(),
            GeneratedOptions.any())
        .as(
            (id, image, monitors, auth, options) ->
                new RbdDisk(id, image, monitors, auth, options));
  }

  @Provide
  Arbitrary<RbdImage> images() {
    Arbitrary<String> names =
        Arbitraries.strings()
            .withCharRange('a', 'z')
            .withCharRange('A', 'Z')
            .withCharRange('0', '9')
            .withChars("._+=-")
            .ofMinLength(1)
            .ofMaxLength(128);
    return Combinators.combine(
            Arbitraries.strings().ascii().ofMinLength(1).filter(name -> !name.isBlank()),
            names,
            names.optional(),
            names)
        .as(RbdImage::new);
  }

  private static Arbitrary<HostPort> hosts() {
    return Combinators.combine(
            Arbitraries.of("mon-1", "mon_2.example.org", "192.0.2.7", "2001:db8::7"),
            Arbitraries.integers().between(1, 65535))
        .as(HostPort::new);
  }

  /** Ceph limits what a user is called; this library leaves that to Ceph. */
  private static Arbitrary<CephAuth> auths() {
    return Arbitraries.strings()
        .withCharRange(' ', '~')
        .ofMinLength(1)
        .filter(user -> !user.startsWith("client."))
        .map(user -> new CephAuth(user, new UUID(user.hashCode(), 1)));
  }
}
