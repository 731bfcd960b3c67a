// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static io.diskplug.conformance.Subject.BOTH;
import static io.diskplug.conformance.Subject.IN_LIVE;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.internal.fault.Condition;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What QEMU's monitor tells, and what it lets one do behind libvirt's back. */
public abstract class QemuViewConformance extends ConformanceSuite {

  @Test
  void aDiskIsADeviceOnItsNodes() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias());

    pc.attach(disk, BOTH);

    assertThat(pc.qemuHasDevice(disk.alias())).isTrue();
    assertThat(pc.nodesOn(disk.file())).hasSize(bed().generation().rawDiskIsOneNode() ? 1 : 2);
    assertThat(pc.nodesInUse()).containsEntry(disk.alias(), pc.nodesOn(disk.file()).get(0));
    assertThat(pc.hasJobs()).isFalse();
  }

  @Test
  void afterTheDetachNeitherIsThere() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias());
    pc.attachSeen(disk, BOTH);

    pc.detach(disk, BOTH);

    assertThat(pc.qemuHasDevice(disk.alias())).isFalse();
    assertThat(pc.nodesOn(disk.file())).isEmpty();
    assertThat(pc.nodesInUse()).doesNotContainKey(disk.alias());
  }

  @Test
  void aNodeThatIsExportedOutlivesItsDisk() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias());
    pc.attachSeen(disk, BOTH);
    String node = pc.nodesOn(disk.file()).get(0);
    pc.machine().export(node);

    pc.detach(disk, BOTH);

    pc.isIn(Set.of(), "vdb");
    assertThat(pc.qemuHasDevice(disk.alias())).isFalse();
    assertThat(pc.nodesOn(disk.file())).contains(node);
    pc.machine().unexport(node);
    for (String left : pc.nodesOn(disk.file())) {
      assertThat(pc.deleteNode(left)).as(left).isTrue();
    }
    assertThat(pc.qemuHolds(disk.file())).isFalse();
  }

  @Test
  void aCommandThatQemuDoesNotKnowIsAnAnswerAndNoFault() throws Exception {
    Subject pc = pc();

    assertThat(pc.qemuDoes("{'execute':'no-such-command'}")).isFalse();
    assertThat(pc.deleteDevice("ua-nobody")).isFalse();
    assertThat(pc.deleteNode("no-such-node")).isFalse();
  }

  @Test
  void aDomainThatIsShutOffHasNoQemu() throws Exception {
    Subject shutOff = machines().fresh(MachineSpec.pc());

    refused(55, Condition.DOMAIN_NOT_RUNNING, () -> shutOff.qemuDoes("{'execute':'query-jobs'}"));
  }

  @Test
  void aNodeThatADeviceUsesIsNotDeleted() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias());
    pc.attach(disk, BOTH);

    for (String node : pc.nodesOn(disk.file())) {
      pc.unchanged(() -> assertThat(pc.deleteNode(node)).isFalse());
    }
  }

  @Test
  void aDeviceThatIsDeletedBehindLibvirtsBackLeavesTheLiveView() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias());
    pc.attachSeen(disk, BOTH);

    assertThat(pc.deleteDevice(disk.alias())).isTrue();

    pc.awaitNotLive("vdb");
    pc.isIn(Subject.IN_CONFIG, "vdb");
    bed().await("QEMU closes the image", () -> !pc.qemuHolds(disk.file()));
  }

  @Test
  void theTaintThatAQuestionLeavesChangesNoView() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    var live = subject.view(io.diskplug.domain.View.LIVE);

    assertThat(subject.qemuDoes("{'execute':'query-jobs'}")).isTrue();

    assertThat(subject.view(io.diskplug.domain.View.LIVE)).isEqualTo(live);
    subject.attach(disk("vdb"), IN_LIVE);
    subject.isIn(IN_LIVE, "vdb");
  }
}
