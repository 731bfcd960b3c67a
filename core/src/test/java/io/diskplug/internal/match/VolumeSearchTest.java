// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.match;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.StorageSource;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.exec.ScriptedDomain;
import io.diskplug.internal.match.VolumeSearch.Absent;
import io.diskplug.internal.match.VolumeSearch.Ambiguous;
import io.diskplug.internal.match.VolumeSearch.Found;
import io.diskplug.internal.match.VolumeSearch.Location;
import io.diskplug.internal.match.VolumeSearch.SourceChanged;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VolumeSearchTest {

  private static final String ID = "pvc-1";
  private static final String IMAGE = "volumes/first-light";
  private static final SourceIdentity IDENTITY = new SourceIdentity("rbd", "fsid-1", IMAGE);
  private static final String ALIAS = IDENTITY.alias();
  private static final String ALIAS_IN_OTHER_CLUSTER =
      new SourceIdentity("rbd", "fsid-2", IMAGE).alias();
  private static final VolumeRef VOLUME = new VolumeRef(ID, IDENTITY);

  private static StorageSource rbd(String name) {
    return new StorageSource("rbd", name, null, List.of("mon"));
  }

  private static Disk disk(StorageSource source, String serial, String alias) {
    return disk(source, serial, alias, List.of(), null);
  }

  private static Disk disk(
      StorageSource source,
      String serial,
      String alias,
      List<StorageSource> chain,
      StorageSource mirror) {
    return new Disk(
        "disk",
        "vdc",
        DiskBus.VIRTIO,
        null,
        source,
        chain,
        false,
        mirror,
        serial,
        alias,
        null,
        false,
        false,
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of());
  }

  private static DomainView view(Disk... disks) {
    return new DomainView(
        View.PERSISTENT,
        new UUID(1, 2),
        "vm",
        "x86_64",
        "pc-q35-7.2",
        List.of(),
        Arrays.asList(disks),
        List.of());
  }

  private static Location locate(Disk... disks) {
    return locate(Namesakes.notAt(List.of("mon")), disks);
  }

  private static Location locate(Namesakes namesakes, Disk... disks) {
    return VolumeSearch.locate(view(disks), VOLUME, namesakes);
  }

  @Test
  void anEmptyMachineHasNoVolume() {
    assertThat(locate()).isEqualTo(new Absent());
  }

  @Test
  void aliasAndSourceMakeTheVolumesDiskWhateverItsSerial() {
    Disk ours = disk(rbd(IMAGE), ID, ALIAS);
    Disk withOtherSerial = disk(rbd(IMAGE), "other", ALIAS);

    assertThat(locate(ours)).isEqualTo(new Found(ours));
    assertThat(locate(withOtherSerial)).isEqualTo(new Found(withOtherSerial));
  }

  @Test
  void theSourceAloneMakesItIfTheSerialDoesNotSayOtherwise() {
    Disk same = disk(rbd(IMAGE), ID, "virtio-disk2");
    Disk users = disk(rbd(IMAGE), ID, "ua-data");

    assertThat(locate(same)).isEqualTo(new Found(same));
    assertThat(locate(users)).isEqualTo(new Found(users));
    assertThat(locate(disk(rbd(IMAGE), "other", "virtio-disk2")))
        .isInstanceOfSatisfying(
            Ambiguous.class, hit -> assertThat(hit.explanation()).contains("vdc", ID, "other"));
  }

  /** Also where names are unique in the world, as those of LUNs are. */
  @Test
  void theSourceWithoutASerialBelongsToAnotherTool() {
    assertThat(locate(disk(rbd(IMAGE), null, null)))
        .isInstanceOfSatisfying(
            Ambiguous.class, hit -> assertThat(hit.explanation()).contains("vdc", ID, "no serial"));

    StorageSource lun = new StorageSource("iscsi", "iqn.2026-01.io.diskplug:a/1", null, List.of());
    Disk disk = disk(lun, null, null);
    assertThat(
            VolumeSearch.locate(
                view(disk),
                new VolumeRef(ID, new SourceIdentity("iscsi", "", lun.name())),
                Namesakes.LISTED))
        .isInstanceOfSatisfying(
            Ambiguous.class,
            hit -> assertThat(hit.explanation()).contains("vdc", lun.name(), "adopt", "repair"));
  }

  @Test
  void theAliasWithAnotherSourceIsAChangedSource() {
    assertThat(locate(disk(rbd("volumes/copy"), ID, ALIAS)))
        .isInstanceOfSatisfying(
            SourceChanged.class,
            hit -> assertThat(hit.explanation()).contains("vdc", ID, "rbd volumes/copy"));
  }

  @Test
  void theSerialWithAnotherSourceIsAmbiguous() {
    assertThat(locate(disk(rbd("volumes/copy"), ID, "virtio-disk2")))
        .isInstanceOfSatisfying(
            Ambiguous.class,
            hit -> assertThat(hit.explanation()).contains("vdc", ID, "rbd volumes/copy"));
    assertThat(locate(disk(rbd("volumes/copy"), ID, null))).isInstanceOf(Ambiguous.class);
  }

  @Test
  void anotherVolumeIsNone() {
    assertThat(locate(disk(rbd("volumes/second-light"), "pvc-2", "virtio-disk2")))
        .isEqualTo(new Absent());
    assertThat(locate(disk(rbd("volumes/first-light-2"), null, null))).isEqualTo(new Absent());
    assertThat(locate(disk(rbd("volumes/First-light"), null, null))).isEqualTo(new Absent());
    assertThat(locate(disk(StorageSource.NONE, null, null))).isEqualTo(new Absent());
    assertThat(locate(disk(new StorageSource("file", IMAGE, null, List.of()), null, null)))
        .isEqualTo(new Absent());
  }

  @Test
  void aSnapshotOfTheImageIsAnotherSource() {
    StorageSource snapshot = new StorageSource("rbd", IMAGE, "daily", List.of());

    assertThat(locate(disk(snapshot, null, null))).isEqualTo(new Absent());
    assertThat(locate(disk(snapshot, ID, ALIAS))).isInstanceOf(SourceChanged.class);
    assertThat(
            VolumeSearch.locate(
                view(disk(snapshot, ID, null)),
                new VolumeRef(ID, new SourceIdentity("rbd", "fsid-1", IMAGE + "@daily")),
                Namesakes.LISTED))
        .isInstanceOf(Found.class);
  }

  @Test
  void theVolumeBelowOrBesideAnotherSourceIsAChangedSource() {
    StorageSource overlay = new StorageSource("file", "/srv/overlay.qcow2", null, List.of());

    assertThat(locate(disk(overlay, ID, "virtio-disk2", List.of(rbd("a/b"), rbd(IMAGE)), null)))
        .isInstanceOfSatisfying(
            SourceChanged.class,
            hit -> assertThat(hit.explanation()).contains("vdc", "file /srv/overlay.qcow2"));
    assertThat(locate(disk(overlay, null, null, List.of(), rbd(IMAGE))))
        .isInstanceOf(SourceChanged.class);
    assertThat(locate(disk(overlay, null, null, List.of(rbd("a/b")), rbd("a/c"))))
        .isEqualTo(new Absent());
  }

  /** It may be the same name in another cluster, or not: the XML does not tell. */
  @Test
  void theVolumeBelowOrBesideADiskThatThisLibraryAttachedIsAChangedSource() {
    String other = new SourceIdentity("rbd", "fsid-1", "volumes/second-light").alias();
    StorageSource second = rbd("volumes/second-light");

    assertThat(locate(disk(second, "pvc-2", other, List.of(), rbd(IMAGE))))
        .isInstanceOf(SourceChanged.class);
    assertThat(locate(disk(second, "pvc-2", other, List.of(rbd(IMAGE)), null)))
        .isInstanceOf(SourceChanged.class);
    assertThat(locate(disk(second, "pvc-2", other, List.of(rbd("a/b")), rbd("a/c"))))
        .isEqualTo(new Absent());
  }

  @Test
  void aCopyOfTheVolumeThatIsUnderWayDoesNotMakeItAnotherVolume() {
    Disk copied = disk(rbd(IMAGE), ID, ALIAS, List.of(), rbd("volumes/copy"));

    assertThat(locate(copied)).isEqualTo(new Found(copied));
  }

  @Test
  void theSameNameInAnotherClusterIsAnotherVolume() {
    Namesakes elsewhere = Namesakes.notAt(List.of("mon-2"));
    assertThat(locate(elsewhere, disk(rbd(IMAGE), "pvc-2", ALIAS_IN_OTHER_CLUSTER)))
        .isEqualTo(new Absent());
    assertThat(locate(elsewhere, disk(rbd(IMAGE), ID, ALIAS_IN_OTHER_CLUSTER)))
        .isInstanceOf(Ambiguous.class);
    Disk ours = disk(rbd(IMAGE), ID, ALIAS);
    assertThat(locate(elsewhere, disk(rbd(IMAGE), "pvc-2", ALIAS_IN_OTHER_CLUSTER), ours))
        .isEqualTo(new Found(ours));
  }

  /** A block copy that is pivoted leaves a disk its alias, and gives it another source. */
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          mon,       mon,       true
          MON,       mon,       true
          mon-2;mon, mon,       true
          '',        mon,       true
          mon,       '',        true
          192.0.2.1, mon,       true
          192.0.2.1, 2001:db8::1, true
          192.0.2.1, 192.0.2.2, false
          mon-2,     mon,       false
          """)
  void theSameNameAtTheSameMonitorsMayBeTheVolume(String asked, String shown, boolean stops) {
    Disk namesake =
        disk(new StorageSource("rbd", IMAGE, null, hosts(shown)), "pvc-2", ALIAS_IN_OTHER_CLUSTER);

    assertThat(locate(Namesakes.notAt(hosts(asked)), namesake) instanceof Ambiguous)
        .isEqualTo(stops);
  }

  private static List<String> hosts(String names) {
    return Stream.of(names.split(";")).filter(name -> !name.isEmpty()).toList();
  }

  /** What the volume's own disk is, its alias says. */
  @Test
  void aNamesakeIsNotInTheWayOfTheVolumesDisk() {
    Disk ours = disk(rbd(IMAGE), ID, ALIAS);

    assertThat(locate(Namesakes.STOP, disk(rbd(IMAGE), "pvc-2", ALIAS_IN_OTHER_CLUSTER), ours))
        .isEqualTo(new Found(ours));
  }

  /** QEMU has it open for the firmware. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "<nvram type='network'><source protocol='rbd' name='volumes/first-light'/></nvram>",
        "<nvram type='block'><source dev='/dev/rbd/volumes/first-light'/></nvram>",
        "<nvram type='file'><source file='/dev/rbd/volumes/first-light'/></nvram>",
        "<nvram template='/usr/share/vars.fd'>/dev/rbd/volumes/first-light</nvram>",
        "<nvram type='block'><source dev='/dev/mapper/volumes-first-light'/></nvram>",
        "<loader readonly='yes' type='pflash'>/dev/rbd/volumes/first-light</loader>",
        "<varstore template='/usr/share/vars.json' path='/dev/rbd/volumes/first-light'/>"
      })
  void theVolumeAsFirmwareIsNotTouched(String firmware) {
    assertThat(VolumeSearch.locate(withFirmware(firmware), VOLUME, Namesakes.LISTED))
        .isInstanceOfSatisfying(
            Ambiguous.class,
            hit ->
                assertThat(hit.explanation())
                    .containsPattern("nvram|loader|varstore")
                    .contains(ID));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file=rbd:volumes/first-light:id=cinder,format=raw,if=none,id=d9",
        "file=/dev/rbd/volumes/first-light,format=raw",
        "file.driver=rbd,file.pool=volumes,file.image=first-light"
      })
  void theVolumeInAnArgumentOfQemuIsNotTouched(String drive) {
    assertThat(VolumeSearch.locate(withArguments(drive), VOLUME, Namesakes.LISTED))
        .isInstanceOfSatisfying(
            Ambiguous.class, hit -> assertThat(hit.explanation()).contains("qemu:commandline", ID));
  }

  @Test
  void anArgumentOfQemuThatDoesNotTellItsStorageIsListed() {
    DomainView view = withArguments("file=nbd:192.0.2.1:10809,if=none");

    assertThat(VolumeSearch.locate(view, VOLUME, Namesakes.LISTED)).isEqualTo(new Absent());
    assertThat(Unresolved.in(new DomainViews(null, view))).hasSize(1);
    assertThat(Unresolved.in(new DomainViews(null, withArguments("file=/srv/x.iso")))).isEmpty();
  }

  private static DomainView withArguments(String drive) {
    return DomainXmlReader.readDomain(
        ScriptedDomain.DOMAIN_XML
            .formatted("vm", new UUID(1, 2))
            .replace(
                "</domain>",
                "<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>"
                    + "<qemu:arg value='-drive'/><qemu:arg value='"
                    + drive
                    + "'/><qemu:env name='X' value='1'/></qemu:commandline></domain>"),
        View.PERSISTENT);
  }

  @Test
  void anOrdinaryFirmwareIsNoSuspect() {
    DomainView view =
        withFirmware(
            "<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE.fd</loader>"
                + "<nvram>/var/lib/libvirt/qemu/nvram/vm_VARS.fd</nvram><nvram/>");

    assertThat(VolumeSearch.locate(view, VOLUME, Namesakes.LISTED)).isEqualTo(new Absent());
    assertThat(Unresolved.in(new DomainViews(null, view))).isEmpty();
  }

  private static DomainView withFirmware(String firmware) {
    return DomainXmlReader.readDomain(
        ScriptedDomain.DOMAIN_XML
            .formatted("vm", new UUID(1, 2))
            .replace("</type></os>", "</type>" + firmware + "</os>"),
        View.PERSISTENT);
  }

  @Test
  void anAliasOfThisLibraryMakesNoSuspectHarmless() {
    StorageSource partition =
        new StorageSource("block", "/dev/rbd/" + IMAGE + "-part1", null, List.of());

    assertThat(locate(disk(partition, "pvc-2", ALIAS_IN_OTHER_CLUSTER)))
        .isInstanceOf(Ambiguous.class);
  }

  @Test
  void aVolumeThatIsThereTwiceIsAmbiguous() {
    assertThat(locate(disk(rbd(IMAGE), ID, ALIAS), disk(rbd(IMAGE), null, "virtio-disk3")))
        .isInstanceOfSatisfying(
            Ambiguous.class,
            hit ->
                assertThat(hit.explanation()).contains("PERSISTENT", ID, "more than once", "vdc"));
    assertThat(locate(disk(rbd(IMAGE), ID, ALIAS), disk(rbd("volumes/copy"), ID, "virtio-disk3")))
        .isInstanceOf(Ambiguous.class);
  }
}
