// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.HostPort;
import io.diskplug.disk.IoMode;
import io.diskplug.disk.SecretRef;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.xml.write.DiskXmlWriter;
import io.diskplug.internal.xml.write.Written;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IscsiDiskTest {

  private static final String TARGET = "iqn.2026-01.io.diskplug:chap";
  private static final String SECRET = "f9f84d52-6ba1-4c3a-b2f4-2a4ec0b1e9ac";
  private static final HostPort PORTAL = new HostPort("portal-1", 3260);
  private static final IscsiDisk DISK = IscsiDisk.of("pvc-1", new IscsiLun(TARGET, 1), PORTAL);

  private static String written(IscsiDisk disk) {
    return DiskXmlWriter.write(Written.disk(disk));
  }

  private static String oneLine(String xml) {
    return xml.replaceAll("\n *", "");
  }

  @Test
  void anOpenTargetHasNoUser() {
    assertThat(written(DISK))
        .isEqualTo(
            oneLine(
                """
                <disk type="network" device="disk">
                  <driver name="qemu" type="raw" cache="none"/>
                  <source protocol="iscsi" name="iqn.2026-01.io.diskplug:chap/1">
                    <host name="portal-1" port="3260"/>
                  </source>
                </disk>"""));
  }

  @Test
  void aTargetWithChapHasAUserASecretAndPerhapsAnInitiator() {
    IscsiDisk disk =
        DISK.withAuth(new ChapAuth("diskplug", UUID.fromString(SECRET)))
            .withInitiator("iqn.2026-01.io.diskplug:host-7")
            .withOptions(DiskOptions.DEFAULTS.withBus(DiskBus.SCSI).withIo(IoMode.NATIVE));

    assertThat(disk.options().bus()).isEqualTo(DiskBus.SCSI);
    assertThat(written(disk))
        .isEqualTo(
            oneLine(
                """
                <disk type="network" device="disk">
                  <driver name="qemu" type="raw" cache="none" io="native"/>
                  <source protocol="iscsi" name="iqn.2026-01.io.diskplug:chap/1">
                    <host name="portal-1" port="3260"/>
                    <auth username="diskplug">
                      <secret type="iscsi" uuid="f9f84d52-6ba1-4c3a-b2f4-2a4ec0b1e9ac"/>
                    </auth>
                    <initiator>
                      <iqn name="iqn.2026-01.io.diskplug:host-7"/>
                    </initiator>
                  </source>
                </disk>"""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\"b", "a'b", "a<b", "a&b", "]]>", "käse"})
  void aUserOfAnyCharactersIsEscaped(String user) {
    IscsiDisk disk = DISK.withAuth(new ChapAuth(user, UUID.fromString(SECRET)));

    String escaped =
        user.replace("&", "&amp;")
            .replace("<", "&lt;")
            .replace(">", "&gt;")
            .replace("\"", "&quot;");
    assertThat(written(disk)).contains("<auth username=\"" + escaped + "\">");
  }

  @Test
  void theVolumeIsTargetAndLunAndNeitherPortalNorUser() {
    assertThat(DISK.volume())
        .isEqualTo(IscsiDisk.ref("pvc-1", new IscsiLun(TARGET, 1)))
        .isEqualTo(new VolumeRef("pvc-1", new SourceIdentity("iscsi", "", TARGET + "/1")))
        .isEqualTo(
            IscsiDisk.of("pvc-1", new IscsiLun(TARGET, 1), new HostPort("portal-2", 3261))
                .withAuth(new ChapAuth("diskplug", UUID.fromString(SECRET)))
                .withInitiator("iqn.2026-01.io.diskplug:host-7")
                .volume())
        .isNotEqualTo(IscsiDisk.ref("pvc-1", new IscsiLun(TARGET, 2)))
        .isNotEqualTo(IscsiDisk.ref("pvc-1", new IscsiLun(TARGET + "x", 1)));
  }

  @Test
  void theCaseOfATargetsNameDoesNotMakeItAnotherVolume() {
    assertThat(IscsiDisk.ref("pvc-1", new IscsiLun("IQN.2026-01.io.DiskPlug:Chap", 1)).identity())
        .isEqualTo(DISK.volume().identity());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a.b", "a:b", "a/b", "a b", "a<b", "a&b", "a'b", "a\"b", "é"})
  void aVolumeIdThatIsNoneIsNamed(String volumeId) {
    assertThatThrownBy(() -> IscsiDisk.of(volumeId, new IscsiLun(TARGET, 1), PORTAL))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + volumeId + "\"");
    assertThatThrownBy(() -> IscsiDisk.ref(volumeId, new IscsiLun(TARGET, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + volumeId + "\"");
  }

  @Test
  void anInitiatorThatIsNoneIsNamed() {
    assertThatThrownBy(() -> DISK.withInitiator("host-7"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"host-7\"");
  }

  @Test
  void aChapUserHasAName() {
    assertThatThrownBy(() -> new ChapAuth("", UUID.fromString(SECRET)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("CHAP user");
  }

  @ParameterizedTest
  @CsvSource({
    "iqn.2026-01.io.diskplug:a, 0, iqn.2026-01.io.diskplug:a/0",
    "iqn.2026-01.io.diskplug, 16383, iqn.2026-01.io.diskplug/16383",
    "eui.0123456789abcdef, 1, eui.0123456789abcdef/1",
    "naa.52004567ba64678d, 2, naa.52004567ba64678d/2",
    "naa.62004567ba64678d0123456789abcdef, 3, naa.62004567ba64678d0123456789abcdef/3"
  })
  void aLunIsWrittenAsLibvirtWritesIt(String target, int lun, String path) {
    assertThat(new IscsiLun(target, lun).path()).isEqualTo(path);
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 16384, Integer.MAX_VALUE})
  void aLunOutOfRangeIsNamed(int lun) {
    assertThatThrownBy(() -> new IscsiLun(TARGET, lun))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("LUN " + lun)
        .hasMessageContaining(TARGET);
  }

  @Test
  void theTextShowsTheSecretsUuidAndNoPassword() {
    IscsiDisk disk = DISK.withAuth(new ChapAuth("diskplug", UUID.fromString(SECRET)));

    assertThat(disk.toString()).contains("pvc-1", TARGET, "portal-1", "diskplug", SECRET);
    assertThat(ChapAuth.class.getRecordComponents())
        .extracting(component -> component.getType().getName())
        .containsExactly("java.lang.String", "io.diskplug.disk.SecretRef");
  }

  @Test
  void aSecretMayBeNamedByItsUsage() {
    IscsiDisk disk = DISK.withAuth(new ChapAuth("diskplug", SecretRef.usage("libvirtiscsi")));

    assertThat(written(disk))
        .contains(
            "<auth username=\"diskplug\">"
                + "<secret type=\"iscsi\" usage=\"libvirtiscsi\"/></auth>");
  }
}
