// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.View;
import io.diskplug.internal.kind.ExampleKind;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On answers in the form of QEMU 7.2. */
class QemuViewTest {

  private static String answer(String name) {
    try (InputStream in = QemuViewTest.class.getResourceAsStream("/qemu/" + name + ".json")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static QemuView nodes(String name) throws Exception {
    return QemuView.of(Set.of(), QemuJson.returnedList(answer(name)), ExampleKind.ALL);
  }

  private static final String NOBODY = "ua-nobody";

  private static SourceIdentity source(String kind, String name) {
    return new SourceIdentity(kind, "", name);
  }

  @ParameterizedTest
  @CsvSource({
    "rbd-nodes, rbd, volumes/first-light",
    "iscsi-nodes, iscsi, iqn.2026-01.io.diskplug:chap/1",
    "iscsi-nodes, iscsi, IQN.2026-01.io.diskplug:chap/1",
    "file-nodes, file, /srv/lab/guest.img",
    "file-nodes, file, /srv/lab/overlay.qcow2",
    "file-nodes, block, /dev/vg0/lv1",
    "file-nodes, block, /srv/lab/guest.img",
    "file-nodes, file, /dev/vg0/lv1"
  })
  void whatANodeHasOpenIsHeld(String answer, String kind, String name) throws Exception {
    assertThat(nodes(answer).holds(NOBODY, source(kind, name), null)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "rbd-nodes, rbd, volumes/second-light",
    "rbd-nodes, rbd, images/first-light",
    "rbd-nodes, rbd, volumes/tenant/first-light",
    "rbd-nodes, rbd, volumes/first-light@snap",
    "rbd-nodes, file, volumes/first-light",
    "iscsi-nodes, iscsi, iqn.2026-01.io.diskplug:chap/11",
    "iscsi-nodes, iscsi, iqn.2026-01.io.diskplug:open/1",
    "iscsi-nodes, rbd, volumes/first-light",
    "file-nodes, block, /srv/lab/guest.raw",
    "file-nodes, file, /dev/vg0/lv2"
  })
  void whatNoNodeHasOpenIsNotHeld(String answer, String kind, String name) throws Exception {
    assertThat(nodes(answer).holds(NOBODY, source(kind, name), null)).isFalse();
  }

  @Test
  void aDeviceWithTheAliasIsHeldWhateverTheNodesSay() throws Exception {
    SourceIdentity source = source("rbd", "volumes/first-light");

    assertThat(
            QemuView.of(Set.of(source.alias()), List.of(), ExampleKind.ALL)
                .holds(source.alias(), source, null))
        .isTrue();
    assertThat(
            QemuView.of(Set.of("ua-dp-0", "virtio-disk0"), List.of(), ExampleKind.ALL)
                .holds(source.alias(), source, null))
        .isFalse();
    assertThat(
            QemuView.of(Set.of(), List.of(Map.of()), ExampleKind.ALL)
                .holds(source.alias(), source, null))
        .isFalse();
  }

  /** The XML and QEMU name pool and image, and not the cluster. */
  @Test
  void whatADiskOfAnotherClusterHasOpenIsNotHeld() throws Exception {
    SourceIdentity ours = new SourceIdentity("rbd", "fsid-1", "volumes/first-light");
    String theirAlias = new SourceIdentity("rbd", "fsid-2", "volumes/first-light").alias();
    DomainView live = view(theirAlias);
    List<Map<String, Object>> theirs = QemuJson.returnedList(answer("rbd-nodes"));
    List<Map<String, Object>> twice = new ArrayList<>(theirs);
    twice.addAll(theirs);

    assertThat(
            QemuView.of(Set.of(theirAlias), theirs, ExampleKind.ALL)
                .holds(ours.alias(), ours, live))
        .isFalse();
    assertThat(
            QemuView.of(Set.of(theirAlias), theirs, ExampleKind.ALL)
                .holds(ours.alias(), ours, view()))
        .isTrue();
    assertThat(
            QemuView.of(Set.of(theirAlias), twice, ExampleKind.ALL).holds(ours.alias(), ours, live))
        .isTrue();
    assertThat(
            QemuView.of(Set.of(ours.alias()), theirs, ExampleKind.ALL)
                .holds(ours.alias(), ours, live))
        .isTrue();
  }

  /** The node is that of the other disk's layer. */
  @Test
  void whatAnotherDiskLiesOnIsNotHeld() throws Exception {
    SourceIdentity image = source("rbd", "volumes/first-light");
    List<Map<String, Object>> nodes = QemuJson.returnedList(answer("rbd-nodes"));
    DomainView live =
        viewOf(
            "<disk type='file'><source file='/srv/overlay'/><backingStore type='network'>"
                + "<format type='raw'/><source protocol='rbd' name='volumes/first-light'/>"
                + "</backingStore><target dev='vda' bus='virtio'/></disk>");

    assertThat(QemuView.of(Set.of(), nodes, ExampleKind.ALL).holds(image.alias(), image, live))
        .isFalse();
    assertThat(QemuView.explained(image, live)).isEqualTo(1);
  }

  /** A live view with disks that have the image's name for their source. */
  private static DomainView view(String... aliases) {
    return viewOf(
        Stream.of(aliases)
            .map(
                alias ->
                    "<disk type='network'><source protocol='rbd' name='volumes/first-light'/>"
                        + "<target dev='vdb' bus='virtio'/><alias name='"
                        + alias
                        + "'/></disk>")
            .collect(Collectors.joining()));
  }

  private static DomainView viewOf(String disks) {
    return DomainXmlReader.readDomain(
        ("<domain type='kvm'><name>vm</name><uuid>%s</uuid>"
                + "<os><type arch='x86_64'>hvm</type></os><devices>%s</devices></domain>")
            .formatted(new UUID(1, 2), disks),
        View.LIVE);
  }

  /** QEMU deletes the others by itself. */
  @Test
  void theDevicesThatAGuestHasToReleaseAreTold() throws Exception {
    String answer =
        """
        {"return":[
          {"name":"virtio-disk0","type":"child<virtio-blk-pci>"},
          {"name":"scsi0","type":"child<virtio-scsi-pci>"},
          {"name":"scsi0-0-0-0","type":"child<scsi-hd>"},
          {"name":"ide0-0-0","type":"child<ide-cd>"},
          {"name":"usb-disk0","type":"child<usb-storage>"}]}
        """;

    assertThat(QemuView.devicesOfGuest(command -> answer))
        .containsExactlyInAnyOrder("virtio-disk0", "scsi0");
  }

  @Test
  void devicesAndNodesAreAskedFor() throws Exception {
    QemuView view =
        QemuView.read(
            command -> answer(command.contains("qom-list") ? "peripheral" : "rbd-nodes"),
            ExampleKind.ALL);

    assertThat(view.devices())
        .containsExactlyInAnyOrder(
            "type", "pci.1", "virtio-disk0", "ua-dp-7a3c1f0e55b4c9d2a8e6f10b3d4c5e6f", "balloon0");
    assertThat(view.sources())
        .singleElement()
        .satisfies(source -> assertThat(source.name()).isEqualTo("volumes/first-light"));
  }
}
