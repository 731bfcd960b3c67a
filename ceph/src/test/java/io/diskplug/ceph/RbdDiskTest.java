// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.disk.CacheMode;
import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.HostPort;
import io.diskplug.disk.IoMode;
import io.diskplug.disk.IoTune;
import io.diskplug.disk.SecretRef;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.StorageSource;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.xml.write.AddressXml;
import io.diskplug.internal.xml.write.DiskXml;
import io.diskplug.internal.xml.write.DiskXmlWriter;
import io.diskplug.internal.xml.write.PlacedXml;
import io.diskplug.internal.xml.write.Written;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RbdDiskTest {

  private static final String FSID = "a7f64266-0894-4f1e-a635-d0aeaca0e993";
  private static final String SECRET = "f9f84d52-6ba1-4c3a-b2f4-2a4ec0b1e9ac";
  private static final RbdImage IMAGE = RbdImage.of(FSID, "volumes", "volume-22650282");
  private static final List<HostPort> MONITORS = List.of(new HostPort("mon-1", 6789));
  private static final RbdDisk DISK = RbdDisk.of("pvc-1", IMAGE, MONITORS);

  private static String written(RbdDisk disk) {
    return DiskXmlWriter.write(Written.disk(disk));
  }

  private static String oneLine(String xml) {
    return xml.replaceAll("\n *", "");
  }

  /** The disk that a production attacher sent to libvirt for years. */
  @Test
  void theProductionDiskIsWrittenExactly() {
    RbdDisk disk =
        RbdDisk.of(
                "pvc-22650282-34fe-4112-9b3c-0a5d6f7e8d90",
                IMAGE,
                Stream.of(
                        "ceph-mon-1",
                        "ceph-mon-2",
                        "ceph-mon-3",
                        "ceph-mon-4.example.org",
                        "10.30.0.15")
                    .map(host -> HostPort.parse(host, 6789))
                    .toList())
            .withAuth(new CephAuth("cinder", UUID.fromString(SECRET)))
            .withOptions(
                DiskOptions.DEFAULTS
                    .withCache(CacheMode.NONE)
                    .withIo(IoMode.NATIVE)
                    .withIoTune(IoTune.total(104857600, 1000)));
    DiskXml xml = PlacedXml.of(disk, "vdb");
    xml.address = new AddressXml();
    xml.address.type = "pci";
    xml.address.domain = "0x0";
    xml.address.bus = "0x0";
    xml.address.slot = "0xa";
    xml.address.function = "0x0";

    assertThat(DiskXmlWriter.write(xml))
        .isEqualTo(
            oneLine(
                """
                <disk type="network" device="disk">
                  <driver name="qemu" type="raw" cache="none" io="native"/>
                  <source protocol="rbd" name="volumes/volume-22650282">
                    <host name="ceph-mon-1" port="6789"/>
                    <host name="ceph-mon-2" port="6789"/>
                    <host name="ceph-mon-3" port="6789"/>
                    <host name="ceph-mon-4.example.org" port="6789"/>
                    <host name="10.30.0.15" port="6789"/>
                    <auth username="cinder">
                      <secret type="ceph" uuid="f9f84d52-6ba1-4c3a-b2f4-2a4ec0b1e9ac"/>
                    </auth>
                  </source>
                  <target dev="vdb" bus="virtio"/>
                  <iotune>
                    <total_bytes_sec>104857600</total_bytes_sec>
                    <total_iops_sec>1000</total_iops_sec>
                  </iotune>
                  <serial>pvc-22650282-34fe-4112-9b3c-0a5d6f7e8d90</serial>
                  <alias name="ua-dp-%s"/>
                  <address type="pci" domain="0x0" bus="0x0" slot="0xa" function="0x0"/>
                </disk>"""
                    .formatted(disk.volume().identity().alias().substring("ua-dp-".length()))));
  }

  @Test
  void aClusterWithoutCephxHasNoUser() {
    assertThat(written(DISK))
        .isEqualTo(
            oneLine(
                """
                <disk type="network" device="disk">
                  <driver name="qemu" type="raw" cache="none"/>
                  <source protocol="rbd" name="volumes/volume-22650282">
                    <host name="mon-1" port="6789"/>
                  </source>
                </disk>"""));
  }

  @Test
  void aNamespaceIsPartOfTheName() {
    RbdDisk disk = RbdDisk.of("pvc-1", IMAGE.inNamespace("tenant-1"), MONITORS);

    assertThat(written(disk)).contains(" name=\"volumes/tenant-1/volume-22650282\"");
    assertThat(disk.volume().identity()).isNotEqualTo(DISK.volume().identity());
  }

  @Test
  void theVolumeIsClusterPoolNamespaceAndImageAndNeitherMonitorsNorUser() {
    assertThat(DISK.volume())
        .isEqualTo(RbdDisk.ref("pvc-1", IMAGE))
        .isEqualTo(
            new VolumeRef("pvc-1", new SourceIdentity("rbd", FSID, "volumes/volume-22650282")))
        .isEqualTo(
            RbdDisk.of("pvc-1", IMAGE, List.of(new HostPort("other", 3300)))
                .withAuth(new CephAuth("cinder", UUID.fromString(SECRET)))
                .volume());
    assertThat(
            Stream.of(
                    IMAGE,
                    RbdImage.of("other-cluster", "volumes", "volume-22650282"),
                    RbdImage.of(FSID, "images", "volume-22650282"),
                    RbdImage.of(FSID, "volumes", "volume-22650283"),
                    IMAGE.inNamespace("tenant-1"))
                .map(image -> RbdDisk.ref("pvc-1", image).identity().alias()))
        .doesNotHaveDuplicates();
  }

  @Test
  void theListOfMonitorsIsCopied() {
    List<HostPort> monitors = new ArrayList<>(MONITORS);
    RbdDisk disk = RbdDisk.of("pvc-1", IMAGE, monitors);
    monitors.clear();

    assertThat(disk.monitors()).hasSize(1);
  }

  @Test
  void anImageWithoutMonitorsIsRefused() {
    assertThatThrownBy(() -> RbdDisk.of("pvc-1", IMAGE, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("volumes/volume-22650282")
        .hasMessageContaining("monitor");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "a.b",
        "a:b",
        "a/b",
        "a b",
        "a<b",
        "a&b",
        "a'b",
        "a\"b",
        "é",
        "a\n",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      })
  void aVolumeIdThatIsNoneIsNamed(String volumeId) {
    assertThatThrownBy(() -> RbdDisk.of(volumeId, IMAGE, MONITORS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + volumeId + "\"");
    assertThatThrownBy(() -> RbdDisk.ref(volumeId, IMAGE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + volumeId + "\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "_-",
        "pvc-22650282",
        "AZaz09_-AZaz09_-AZaz09_-AZaz09_-AZaz09_-AZaz09_-AZaz09_-AZaz09_-"
      })
  void aVolumeIdOfOneToSixtyFourCharactersIsTaken(String volumeId) {
    assertThat(RbdDisk.of(volumeId, IMAGE, MONITORS).volume().id()).isEqualTo(volumeId);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "client.cinder", "client."})
  void aUserThatIsNoneIsNamed(String user) {
    assertThatThrownBy(() -> new CephAuth(user, UUID.fromString(SECRET)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + user + "\"");
  }

  @Test
  void theTextShowsTheSecretsUuidAndNoKey() {
    RbdDisk disk = DISK.withAuth(new CephAuth("cinder", UUID.fromString(SECRET)));

    assertThat(disk.toString()).contains("pvc-1", "volumes", "mon-1", "cinder", SECRET);
    assertThat(CephAuth.class.getRecordComponents())
        .extracting(component -> component.getType().getName())
        .containsExactly("java.lang.String", "io.diskplug.disk.SecretRef");
  }

  @Test
  void aSnapshotHasAnElementOfItsOwnAndIsReadOnly() {
    RbdDisk disk = RbdDisk.of("pvc-1", IMAGE.atSnapshot("daily-7"), MONITORS);

    assertThat(written(disk))
        .isEqualTo(
            oneLine(
                """
                <disk type="network" device="disk">
                  <driver name="qemu" type="raw" cache="none"/>
                  <source protocol="rbd" name="volumes/volume-22650282">
                    <host name="mon-1" port="6789"/>
                    <snapshot name="daily-7"/>
                  </source>
                  <readonly/>
                </disk>"""));
    assertThatThrownBy(() -> disk.withOptions(DiskOptions.DEFAULTS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a disk of the snapshot volumes/volume-22650282@daily-7 must be read-only");
  }

  @Test
  void aSnapshotIsAnotherVolumeThanItsImage() {
    SourceIdentity snapshot = RbdDisk.ref("pvc-1", IMAGE.atSnapshot("daily-7")).identity();

    assertThat(snapshot)
        .isEqualTo(new SourceIdentity("rbd", FSID, "volumes/volume-22650282@daily-7"))
        .isNotEqualTo(DISK.volume().identity());
    assertThat(snapshot.alias()).isNotEqualTo(DISK.volume().identity().alias());
    assertThat(snapshot.names(new StorageSource("rbd", IMAGE.path(), "daily-7", List.of())))
        .isTrue();
    assertThat(snapshot.names(new StorageSource("rbd", IMAGE.path(), null, List.of()))).isFalse();
  }

  @Test
  void aConfigurationFileStandsInForMonitorsOrBesideThem() {
    RbdDisk alone = RbdDisk.ofConfig("pvc-1", IMAGE, "/etc/ceph/ceph.conf");

    assertThat(written(alone))
        .contains(
            " name=\"volumes/volume-22650282\"><config file=\"/etc/ceph/ceph.conf\"/></source>");
    assertThat(written(DISK.withConfigFile("/etc/ceph/ceph.conf")))
        .contains(
            "<host name=\"mon-1\" port=\"6789\"/><config file=\"/etc/ceph/ceph.conf\"/></source>");
    assertThat(RbdDisk.ofConfig("pvc-1", IMAGE.atSnapshot("s"), "/c").options().readOnly())
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "ceph.conf", "etc/ceph.conf", " /etc/ceph.conf", "/a\nb"})
  void aPathThatIsNotAbsoluteIsNamed(String path) {
    assertThatThrownBy(() -> RbdDisk.ofConfig("pvc-1", IMAGE, path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + path + "\" is not an absolute path");
  }

  @ParameterizedTest
  @CsvSource({"LUKS, luks", "LUKS2, luks2", "LUKS_ANY, luks-any"})
  void anEncryptedImageIsDecryptedByLibrbd(RbdEncryption.Format format, String xmlName) {
    RbdDisk disk = DISK.withEncryption(new RbdEncryption(format, UUID.fromString(SECRET)));

    assertThat(written(disk))
        .contains(
            "<encryption format=\""
                + xmlName
                + "\" engine=\"librbd\"><secret type=\"passphrase\" uuid=\""
                + SECRET
                + "\"/></encryption></source>");
    assertThat(disk.volume()).isEqualTo(DISK.volume());
  }

  @Test
  void aSecretMayBeNamedByItsUsage() {
    RbdDisk disk = DISK.withAuth(new CephAuth("cinder", SecretRef.usage("client.cinder secret")));

    assertThat(written(disk))
        .contains(
            "<auth username=\"cinder\">"
                + "<secret type=\"ceph\" usage=\"client.cinder secret\"/></auth>");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a/b", "a@b", "a b", "a<b"})
  void aSnapshotThatIsNoneIsNamed(String name) {
    assertThatThrownBy(() -> IMAGE.atSnapshot(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the snapshot name \"" + name + "\"");
  }
}
