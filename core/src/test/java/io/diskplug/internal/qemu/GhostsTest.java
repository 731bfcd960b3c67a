// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.domain.StorageSource;
import io.diskplug.domain.View;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.outcome.Ghost;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class GhostsTest {

  private static final StorageSource ONE = new StorageSource("file", "/srv/1", null, List.of());
  private static final StorageSource TWO = new StorageSource("file", "/srv/2", null, List.of());

  private final List<QemuNode> nodes = new ArrayList<>();

  private void stack(int number, StorageSource source) {
    nodes.add(new QemuNode("libvirt-" + number + "-storage", source.name(), source));
    nodes.add(new QemuNode("libvirt-" + number + "-format", source.name(), null));
  }

  private static String xml(String disks) {
    return ("<domain type='kvm'><name>vm</name><uuid>%s</uuid>"
            + "<os><type arch='x86_64'>hvm</type></os><devices>%s</devices></domain>")
        .formatted(new UUID(1, 2), disks);
  }

  private static String disk(String file, String index, String target, String alias) {
    return "<disk type='file'><source file='%s' %s/><target dev='%s'/><alias name='%s'/></disk>"
        .formatted(file, index.isEmpty() ? "" : "index='" + index + "'", target, alias);
  }

  private List<Ghost> find(Set<String> devices, Map<String, String> inUse, String... disks) {
    String xml = xml(String.join("", disks));
    DomainView live = DomainXmlReader.readDomain(xml, View.LIVE);
    return Ghosts.find(
        new QemuView(devices, nodes), inUse, live, DomainXmlReader.blockNodeNumbers(xml));
  }

  /** The domain has a disk, and QEMU its device and its nodes. */
  private List<Ghost> findBesideDiskInOrder() {
    return find(
        Set.of("virtio-disk0"),
        Map.of("virtio-disk0", "libvirt-1-format"),
        disk("/srv/1", "1", "vda", "virtio-disk0"));
  }

  @Test
  void whatTheXmlShowsIsNone() {
    stack(1, ONE);

    assertThat(findBesideDiskInOrder()).isEmpty();
  }

  @Test
  void nodesWithANumberThatTheXmlDoesNotShow() {
    stack(1, ONE);
    stack(4, TWO);

    assertThat(findBesideDiskInOrder())
        .containsExactly(
            new Ghost(
                Optional.empty(),
                List.of("libvirt-4-format", "libvirt-4-storage"),
                Optional.of(TWO)));
  }

  @Test
  void aDeviceThatTheXmlDoesNotShow() {
    stack(4, TWO);

    assertThat(find(Set.of("ua-x", "virtio-scsi0"), Map.of("ua-x", "libvirt-4-format")))
        .containsExactly(
            new Ghost(
                Optional.of("ua-x"),
                List.of("libvirt-4-format", "libvirt-4-storage"),
                Optional.of(TWO)));
  }

  @Test
  void aDeviceOfOursWithoutAMedium() {
    assertThat(find(Set.of("ua-dp-1", "net0"), Map.of()))
        .containsExactly(new Ghost(Optional.of("ua-dp-1"), List.of(), Optional.empty()));
  }

  @Test
  void layersAndMirrorsAreShown() {
    stack(1, ONE);
    stack(2, TWO);
    stack(3, TWO);

    assertThat(
            find(
                Set.of("virtio-disk0"),
                Map.of("virtio-disk0", "libvirt-1-format"),
                "<disk type='file'><source file='/srv/1' index='1'/><backingStore type='file'"
                    + " index='2'><source file='/srv/2'/><backingStore/></backingStore>"
                    + "<mirror type='file'><source file='/srv/2' index='3'/></mirror>"
                    + "<target dev='vda'/><alias name='virtio-disk0'/></disk>"))
        .isEmpty();
  }

  @Test
  void whatLibvirtDidNotNameIsPassedOver() {
    for (String name :
        List.of("#block123", "libvirt-pflash0-storage", "libvirt-hostdev0-backend", "nbd-export")) {
      nodes.add(new QemuNode(name, "/srv/1", ONE));
    }

    assertThat(find(Set.of(), Map.of("/machine/unattached/device[3]", "#block123"))).isEmpty();
  }

  /** A disk of a storage pool has another name in QEMU, and its number in the XML. */
  @Test
  void aNumberIsEnough() {
    stack(1, ONE);

    assertThat(
            find(
                Set.of("virtio-disk0"),
                Map.of("virtio-disk0", "libvirt-1-format"),
                "<disk type='volume'><source pool='p' volume='1' index='1'/><target dev='vda'/>"
                    + "<alias name='virtio-disk0'/></disk>"))
        .isEmpty();
  }

  /** A libvirt that shows no numbers cannot be held against QEMU's names. */
  @Test
  void withoutNumbersOnlyDevicesAreTold() {
    stack(1, TWO);
    stack(4, TWO);

    assertThat(
            find(
                Set.of("virtio-disk0", "ua-x"),
                Map.of("virtio-disk0", "libvirt-1-format", "ua-x", "libvirt-4-format"),
                disk("/srv/1", "", "vda", "virtio-disk0")))
        .extracting(Ghost::name)
        .containsExactly("ua-x");
  }

  /** The source is shown as often as it is open: the number has changed meanwhile. */
  @Test
  void asManySourcesAsTheXmlShows() {
    stack(7, ONE);

    assertThat(find(Set.of(), Map.of(), disk("/srv/1", "1", "vda", "virtio-disk0"))).isEmpty();
    stack(1, ONE);
    assertThat(find(Set.of(), Map.of(), disk("/srv/1", "1", "vda", "virtio-disk0")))
        .extracting(Ghost::name)
        .containsExactly("libvirt-7-format");
  }

  @Test
  void aNodeThatALiveDeviceUsesIsInUse() {
    stack(7, TWO);

    assertThat(
            find(
                Set.of("virtio-disk0"),
                Map.of("virtio-disk0", "libvirt-7-format"),
                disk("/srv/1", "1", "vda", "virtio-disk0")))
        .isEmpty();
  }

  @Test
  void hasADeviceOrANode() {
    assertThatThrownBy(() -> new Ghost(Optional.empty(), List.of(), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Given to QEMU by hand, or on its command line: libvirt's nodes have libvirt's names. */
  @Test
  void aDeviceOnANodeThatLibvirtDidNotNameIsNobodysBusiness() {
    nodes.add(new QemuNode("#block123", "/srv/1", ONE));

    assertThat(
            find(
                Set.of("mydisk", "ua-dp-1"), Map.of("mydisk", "#block123", "ua-dp-1", "#block123")))
        .containsExactly(new Ghost(Optional.of("ua-dp-1"), List.of(), Optional.empty()));
  }

  /** It may be below a disk whose layers the XML does not show. */
  @Test
  void nodesWhoseSourceCannotBeToldAreNobodys() {
    stack(1, ONE);
    nodes.add(new QemuNode("libvirt-3-storage", "nbd://::1/x", null));

    assertThat(findBesideDiskInOrder()).isEmpty();
  }
}
