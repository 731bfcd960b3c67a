// SPDX-License-Identifier: Apache-2.0
package io.diskplug.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.DiskPlan;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The allocator by itself: XML in, plan out. */
class PlannerTest {

  private static final FileDisk ONE = FileDisk.of("pvc-1", Path.of("/srv/one.img"));
  private static final FileDisk TWO = FileDisk.of("pvc-2", Path.of("/srv/two.img"));

  private static String xml(String uuid, String... disks) {
    return """
        <domain type='qemu'>
          <name>vm-1</name>
          <uuid>%s</uuid>
          <os><type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type></os>
          <features><acpi/></features>
          <devices>
            <controller type='pci' index='0' model='pci-root'/>
            %s
          </devices>
        </domain>
        """
        .formatted(uuid, String.join("\n", disks));
  }

  private static String disk(String dev, int slot) {
    return """
        <disk type='file' device='disk'>
          <source file='/srv/%s.img'/><target dev='%s' bus='virtio'/>
          <address type='pci' domain='0' bus='0' slot='%d' function='0'/>
        </disk>
        """
        .formatted(dev, dev, slot);
  }

  private static final String UUID = "4dea22b3-1d52-d8f3-2516-782e98ab3fa0";

  private static DiskPlan.Attach attach(DiskPlan plan) {
    assertThat(plan).isInstanceOf(DiskPlan.Attach.class);
    return (DiskPlan.Attach) plan;
  }

  @Test
  void whatEitherViewHasIsTaken() {
    DomainXml domain =
        DomainXml.running(xml(UUID, disk("vda", 3)), xml(UUID, disk("vda", 3), disk("vdb", 4)));

    List<DiskPlan> plans = Planner.plan(domain, List.of(ONE, TWO));

    assertThat(attach(plans.get(0)).views()).containsExactlyInAnyOrder(View.LIVE, View.PERSISTENT);
    assertThat(plans.stream().map(plan -> attach(plan).placement().targetDev()))
        .containsExactly("vdc", "vdd");
    assertThat(plans.stream().map(plan -> attach(plan).placement().address()))
        .doesNotContain(PciAddress.of(0, 3), PciAddress.of(0, 4))
        .doesNotHaveDuplicates();
  }

  @Test
  void theViewsThatThereAreCount() {
    assertThat(attach(Planner.plan(DomainXml.shutOff(xml(UUID)), List.of(ONE)).get(0)).views())
        .containsExactly(View.PERSISTENT);
    assertThat(attach(Planner.plan(DomainXml.ofTransient(xml(UUID)), List.of(ONE)).get(0)).views())
        .containsExactly(View.LIVE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "<domain", "<network/>", "<!DOCTYPE x><domain/>"})
  void whatIsNoDomainIsSaid(String xml) {
    assertThatThrownBy(() -> Planner.plan(DomainXml.shutOff(xml), List.of(ONE)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("persistent XML cannot be read");
  }

  @Test
  void viewsOfTwoDomainsAreRefused() {
    String other = UUID.replace('4', '5');

    assertThatThrownBy(() -> Planner.capacity(DomainXml.running(xml(UUID), xml(other))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(UUID)
        .hasMessageContaining(other);
    assertThatThrownBy(() -> new DomainXml(Optional.empty(), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Domain XML may carry passwords. */
  @Test
  void theXmlIsNotShown() {
    assertThat(DomainXml.shutOff("<domain>secret</domain>"))
        .hasToString("DomainXml[live absent, persistent 23 characters]");
  }
}
