// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.place;

import static io.diskplug.internal.xml.read.DomainXml.pciAddress;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import io.diskplug.internal.alloc.Occupied;
import io.diskplug.internal.exec.Requests;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.xml.read.DomainXml;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VolumePlacementTest {

  /** On the root bus of a q35 nothing is unplugged while the domain runs. */
  @ParameterizedTest
  @CsvSource({"1, 0, true", "0, 9, false"})
  void aDetachIsOfferedWhereTheGuestCanReleaseTheDisk(int bus, int slot, boolean offered) {
    DomainXml live = DomainXml.q35().pci(1, 2, "pcie-root-port");
    DomainXml persistent = DomainXml.q35().pci(1, 2, "pcie-root-port");
    DomainViews views =
        live.disk("vdc", "virtio", pciAddress(bus, slot))
            .running(persistent.other("rng", "", pciAddress(bus, slot)));
    Disk disk = views.live().disks().get(0);

    VolumePlacement place =
        VolumePlacement.find(
            views, Map.of(View.LIVE, disk), Requests.DISK, Occupied.NOTHING, Set.of());

    assertThat(place)
        .isInstanceOfSatisfying(
            VolumePlacement.None.class,
            none ->
                assertThat(none.explanation().endsWith("detach the volume and attach it again"))
                    .isEqualTo(offered));
  }
}
