// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.RunState;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.StateReason;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OutcomeTest {

  private static final DomainRef DOMAIN = DomainRef.name("vm-1");
  private static final Observation NOTHING =
      new Observation(
          DOMAIN,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          List.of());
  private static final VolumeRef VOLUME =
      new VolumeRef("pvc-1", new SourceIdentity("file", "", "/srv/one.img"));
  private static final Disk DISK =
      DomainXmlReader.readDisk(
          """
          <disk type='file' device='disk'>
            <source file='/srv/one.img'/>
            <target dev='vdb' bus='virtio'/>
            <address type='pci' domain='0' bus='0' slot='5' function='0'/>
          </disk>
          """);

  private static Stream<NotDone> notDone() {
    return Stream.of(
        new Rejected(Rejected.Reason.NO_ROOM, "full", List.of(), NOTHING),
        new Unavailable(Unavailable.Reason.FAULT, "later", Duration.ofSeconds(1), NOTHING),
        new Indeterminate(Indeterminate.Reason.DEADLINE, "unknown", NOTHING));
  }

  @ParameterizedTest
  @MethodSource("notDone")
  void whatWasNotDoneIsNeitherAttachedNorDetached(NotDone outcome) {
    AttachOutcome attach = outcome;
    DetachOutcome detach = outcome;

    assertThat(attach.isAttached()).isFalse();
    assertThat(detach.isDetached()).isFalse();
    assertThat(outcome.explanation()).isNotEmpty();
    assertThat(outcome.observed()).isEqualTo(NOTHING);
  }

  @Test
  void onlyWhatWasVerifiedIsAttachedOrDetached() {
    PciAddress address = PciAddress.of(0, 5);

    assertThat(new Attached("vdb", address, Optional.empty(), false, NOTHING).isAttached())
        .isTrue();
    assertThat(
            new AlreadyAttached("vdb", address, Optional.empty(), false, List.of(), NOTHING)
                .isAttached())
        .isTrue();
    assertThat(new Detached(Proof.QEMU, NOTHING).isDetached()).isTrue();
    assertThat(new AlreadyDetached(Proof.XML, NOTHING).isDetached()).isTrue();
    assertThat(
            Arrays.stream(Pending.WaitingFor.values())
                .map(who -> new Pending(VOLUME, who, NOTHING)))
        .noneMatch(DetachOutcome::isDetached);
  }

  @Test
  void listsAreCopied() {
    List<Difference> differences = new ArrayList<>();
    List<LibvirtFault> faults = new ArrayList<>();
    Rejected rejected = new Rejected(Rejected.Reason.CONFLICT, "no", differences, NOTHING);
    AlreadyAttached already =
        new AlreadyAttached(
            "vdb", PciAddress.of(0, 5), Optional.empty(), false, differences, NOTHING);
    List<String> evicted = new ArrayList<>();
    Observation observation =
        new Observation(
            DOMAIN,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            evicted,
            faults);

    differences.add(new Difference(View.LIVE, "serial", "a", "b"));
    faults.add(new LibvirtFault(Call.ATTACH, 1, 10, "message"));
    evicted.add("ua-dp-1");

    assertThat(rejected.differences()).isEmpty();
    assertThat(already.differences()).isEmpty();
    assertThat(observation.faults()).isEmpty();
    assertThat(observation.evicted()).isEmpty();
  }

  @Test
  void aDifferenceReadsAsASentence() {
    assertThat(new Difference(View.PERSISTENT, "driver cache", "none", Difference.ABSENT))
        .hasToString("PERSISTENT driver cache: expected none, found absent");
  }

  @Test
  void anObservationTellsWhatIsKnown() {
    assertThat(NOTHING).hasToString("domain \"vm-1\"");
    assertThat(
            new Observation(
                DOMAIN,
                Optional.empty(),
                Optional.of(new DomainStatus(RunState.PAUSED, StateReason.USER, 3, true, false)),
                Optional.of(DISK),
                Optional.empty(),
                Optional.of(true),
                Optional.empty(),
                List.of("ua-dp-1", "libvirt-4-format"),
                List.of(
                    new LibvirtFault(Call.DETACH, 99, 10, "device not found: disk vdb not found"),
                    new LibvirtFault(Call.READ_XML, 38, 7, "Cannot recv data"))))
        .hasToString(
            "domain \"vm-1\" PAUSED (USER), live vdb@0000:00:05.0, persistent absent, held by QEMU, evicted from QEMU ua-dp-1 libvirt-4-format"
                + "; DETACH failed: libvirt error 99 (domain 10): device not found: disk vdb not"
                + " found"
                + "; READ_XML failed: libvirt error 38 (domain 7): Cannot recv data");
    assertThat(
            new Observation(
                DOMAIN,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(false),
                Optional.empty(),
                List.of(),
                List.of()))
        .hasToString("domain \"vm-1\", not held by QEMU");
    assertThat(
            new Observation(
                DOMAIN,
                Optional.empty(),
                Optional.of(new DomainStatus(RunState.RUNNING, StateReason.BOOTED, 3, true, false)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of("nobody has it open"),
                List.of(),
                List.of()))
        .hasToString(
            "domain \"vm-1\" RUNNING (BOOTED), live absent, persistent absent, the storage: nobody has it"
                + " open");
  }
}
