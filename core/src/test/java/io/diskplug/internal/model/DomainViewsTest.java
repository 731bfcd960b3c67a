// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import io.diskplug.internal.xml.read.DomainXml;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DomainViewsTest {

  private final DomainView live = DomainXml.pc().disk("vda", "virtio", "").view(View.LIVE);
  private final DomainView persistent = DomainXml.pc().view(View.PERSISTENT);

  @Test
  void areOneOrTwoTheLiveOneFirst() {
    DomainViews both = new DomainViews(live, persistent);
    assertThat(both.present()).containsExactly(live, persistent);
    assertThat(both.kinds()).containsExactly(View.LIVE, View.PERSISTENT);
    assertThat(both.of(View.LIVE)).contains(live);
    assertThat(both.of(View.PERSISTENT)).contains(persistent);

    DomainViews transientDomain = new DomainViews(live, null);
    assertThat(transientDomain.present()).containsExactly(live);
    assertThat(transientDomain.kinds()).containsExactly(View.LIVE);
    assertThat(transientDomain.of(View.PERSISTENT)).isEmpty();

    DomainViews shutOff = new DomainViews(null, persistent);
    assertThat(shutOff.present()).containsExactly(persistent);
    assertThat(shutOff.of(View.LIVE)).isEmpty();
  }

  @Test
  void areOfOneDomain() {
    DomainView other =
        new DomainView(
            View.PERSISTENT,
            new UUID(1, 2),
            "guest",
            "x86_64",
            "pc",
            List.of(),
            List.of(),
            List.of());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DomainViews(live, other))
        .withMessageStartingWith("views of two domains: 6695eb01-");
  }

  @Test
  void areInTheirPlaces() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DomainViews(null, null))
        .withMessage("a domain has a live view, a persistent view, or both");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DomainViews(persistent, null))
        .withMessage("not a live view: PERSISTENT");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DomainViews(null, live))
        .withMessage("not a persistent view: LIVE");
  }

  @Test
  void aViewEqualsAnotherIfAllThatWasReadIsEqual() {
    assertThat(DomainXml.pc().disk("vda", "virtio", "").view(View.LIVE))
        .isEqualTo(live)
        .hasSameHashCodeAs(live);
    assertThat(live)
        .isNotEqualTo(persistent)
        .isNotEqualTo("live")
        .isNotEqualTo(DomainXml.pc().disk("vda", "virtio", "").view(View.PERSISTENT))
        .isNotEqualTo(view("x86_64", "pc", live.controllers(), live.disks(), live.devices()))
        .hasToString("LIVE view of \"guest\" (6695eb01-f6a4-8304-79aa-97f2502e193f)");
    String machine = live.machine();
    List<Controller> controllers = live.controllers();
    assertThat(view("x86_64", machine, controllers, live.disks(), live.devices())).isEqualTo(live);
    assertThat(view("i686", machine, controllers, live.disks(), live.devices())).isNotEqualTo(live);
    assertThat(view("x86_64", machine, List.of(), live.disks(), live.devices())).isNotEqualTo(live);
    assertThat(view("x86_64", machine, controllers, List.of(), live.devices())).isNotEqualTo(live);
    Device device = new Device("rng", "rng0", null);
    assertThat(view("x86_64", machine, controllers, live.disks(), List.of(device)))
        .isNotEqualTo(live);
    assertThat(named(new UUID(1, 2), "guest")).isNotEqualTo(live);
    assertThat(named(live.uuid(), "other")).isNotEqualTo(live);
    assertThat(named(live.uuid(), "guest")).isEqualTo(live);
    assertThat(persistent.hashCode()).isNotEqualTo(live.hashCode());
  }

  @Test
  void aViewWithoutADisk() {
    DomainView two =
        DomainXml.pc()
            .disk("vda", "virtio", "ua-1", "")
            .disk("vdb", "virtio", "ua-2", "")
            .other("rng", "rng0", "")
            .view(View.LIVE);
    DomainView one = two.without(two.disks().get(0));
    assertThat(one.disks()).extracting(Disk::targetDev).containsExactly("vdb");
    assertThat(one.inUse().hasAlias("ua-1")).isFalse();
    assertThat(one.devices()).isEqualTo(two.devices());
    assertThat(one.controllers()).isEqualTo(two.controllers());
    assertThat(one.without(two.disks().get(0))).isEqualTo(one);
  }

  @Test
  void aViewDoesNotChange() {
    assertThatThrownBy(() -> live.holders().clear())
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> live.scsiControllers().add(null))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> live.disks().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void scsiControllersAreInOrder() {
    DomainView view = DomainXml.pc().scsi(3, "a").scsi(1, "b").pci(2, "pci-bridge").view(View.LIVE);
    assertThat(view.scsiControllers()).extracting(Controller::index).containsExactly(1, 3);
  }

  @Test
  void holdersDescribeThemselves() {
    DomainView view =
        DomainXml.pc()
            .scsi(3, "virtio-scsi")
            .other("rng", "rng0", "")
            .other("rng", "", DomainXml.pciAddress(0, 3))
            .device("<disk device='cdrom'><target dev='sda' bus='scsi'/></disk>")
            .view(View.LIVE);
    assertThat(view.holders())
        .extracting(Holder::description)
        .containsExactly("pci controller 0", "scsi controller 3", "cdrom sda", "rng rng0", "rng");
    assertThat(view.holders())
        .extracting(Holder::isOnScsiBus)
        .containsExactly(false, false, true, false, false);
  }

  private DomainView view(
      String architecture,
      String machine,
      List<Controller> controllers,
      List<Disk> disks,
      List<Device> devices) {
    return new DomainView(
        View.LIVE, live.uuid(), "guest", architecture, machine, controllers, disks, devices);
  }

  private DomainView named(UUID uuid, String name) {
    return new DomainView(
        View.LIVE,
        uuid,
        name,
        live.architecture(),
        live.machine(),
        live.controllers(),
        live.disks(),
        live.devices());
  }
}
