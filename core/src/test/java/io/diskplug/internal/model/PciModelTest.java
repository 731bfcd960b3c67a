// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PciModelTest {

  @ParameterizedTest
  @CsvSource({
    "pci-root,                    CONVENTIONAL, true,   1, 31, fffffffe",
    "pci-bridge,                  CONVENTIONAL, true,   1, 31, fffffffe",
    "pcie-to-pci-bridge,          CONVENTIONAL, true,   1, 31, fffffffe",
    "pci-expander-bus,            CONVENTIONAL, false,  0, 31, ffffffff",
    "dmi-to-pci-bridge,           CONVENTIONAL, false,  0, 31, ffffffff",
    "pcie-root,                   EXPRESS,      false,  1, 31, fffffffe",
    "pcie-root-port,              EXPRESS,      true,   0,  0, 1",
    "pcie-switch-downstream-port, EXPRESS,      true,   0,  0, 1",
    "pcie-switch-upstream-port,   NONE,         false,  0, 31, ffffffff",
    "pcie-expander-bus,           NONE,         false,  0, 31, ffffffff",
  })
  void isTheTableOfLibvirt(
      String name,
      PciModel.Endpoints endpoints,
      boolean hotPluggable,
      int first,
      int last,
      String slots) {
    PciModel model = PciModel.of(name);
    assertThat(model.xmlName).isEqualTo(name);
    assertThat(model.endpoints).isEqualTo(endpoints);
    assertThat(model.hotPluggable).isEqualTo(hotPluggable);
    PciBus bus = PciBus.of(new Controller("pci", 9, name, null, null, true));
    assertThat(bus)
        .isEqualTo(
            new PciBus(
                9,
                name,
                endpoints == PciModel.Endpoints.EXPRESS,
                endpoints != PciModel.Endpoints.NONE,
                hotPluggable,
                first,
                last));
    assertThat(bus.slots()).isEqualTo(Integer.parseUnsignedInt(slots, 16));
    assertThat(bus.slotCount()).isEqualTo(Integer.bitCount(bus.slots()));
    assertThat(bus.takesHotPlug()).isEqualTo(hotPluggable);
    assertThat(bus).hasToString("PCI bus 9 (" + name + ")");
  }

  @Test
  void takesNothingOnAnUnknownBus() {
    for (String name : new String[] {"pci-quantum-bridge", "unknown", "", null}) {
      PciBus bus = PciBus.of(new Controller("pci", 1, name, null, null, true));
      assertThat(bus.takesDevices()).isFalse();
      assertThat(bus.takesHotPlug()).isFalse();
      assertThat(bus.model()).isEqualTo("unknown");
    }
  }

  @Test
  void aControllerMayForbidHotPlug() {
    PciBus on = PciBus.of(new Controller("pci", 1, "pci-bridge", null, null, true));
    PciBus off = PciBus.of(new Controller("pci", 1, "pci-bridge", null, null, false));
    assertThat(off.takesDevices()).isTrue();
    assertThat(off.takesHotPlug()).isFalse();
    assertThat(on.isLike(off)).isFalse();
    assertThat(on.isLike(on)).isTrue();
    assertThat(on.isLike(PciBus.of(new Controller("pci", 2, "pci-bridge", "a", null, true))))
        .isTrue();
    assertThat(on.isLike(PciBus.of(new Controller("pci", 1, "pci-root", null, null, true))))
        .isFalse();
  }
}
