// SPDX-License-Identifier: Apache-2.0
package io.diskplug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.sim.SimulatedHost;
import io.diskplug.spi.Hypervisor;
import org.junit.jupiter.api.Test;

class DiskPlugTest {

  @Test
  void aHypervisorOfAnotherKindIsRefused() {
    Hypervisor other = () -> {};

    assertThatThrownBy(() -> DiskPlug.on(other, Options.defaults()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("only a hypervisor of this library");
  }

  @Test
  void theSimulatedOneIsTaken() {
    try (DiskPlug plug =
        DiskPlug.on(new SimulatedHost().connect("controller"), Options.defaults())) {
      assertThat(plug).isNotNull();
    }
  }
}
