// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import io.diskplug.DiskPlug;
import io.diskplug.alloc.NoRoom;
import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DriveAddress;
import io.diskplug.internal.model.Controller;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.TargetDev;
import io.diskplug.lab.Lab;
import io.diskplug.local.FileDisk;
import io.diskplug.oracle.Tally.Count;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DiskPlan;
import io.diskplug.outcome.PlanOutcome;
import io.diskplug.outcome.Planned;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.libvirt.LibvirtException;

/**
 * The first question about a domain: would the library attach a disk? Where it refuses, libvirt is
 * asked whether it takes such a disk at all, at a place of its own choice. The library answers as a
 * whole here, by {@link DiskPlug#plan}, and not the allocator alone.
 *
 * <p>Disks that are attached on the way stay, as those of any other client would.
 */
final class FirstDisk {

  private static final Duration DEADLINE = Duration.ofSeconds(30);

  /** libvirt makes a SCSI address from the target dev: places on the first two controllers. */
  private static final int NAMES = 14;

  private static final List<String> PREFIXES = List.of("sd", "hd", "xvd", "vd");

  /** An attach costs more than all that the other checks do to a domain that is shut off. */
  private static final int ATTACHED_PERCENT = 5;

  private final Trial trial;
  private final OracleDomain domain;
  private final Tally tally;
  private final DiskPlug plug;

  FirstDisk(Trial trial, DiskPlug plug) {
    this.trial = trial;
    this.domain = trial.domain();
    this.tally = trial.tally();
    this.plug = plug;
  }

  void check() throws LibvirtException {
    ask(trial.dice().chance(50) ? DiskBus.SCSI : DiskBus.VIRTIO);
  }

  private void ask(DiskBus bus) throws LibvirtException {
    tally.count(Count.ASKED_FIRST);
    Sight before = domain.look();
    FileDisk disk =
        new FileDisk(Lab.volumeId(), domain.newFile(), DiskOptions.DEFAULTS.withBus(bus));
    PlanOutcome outcome = plug.plan(domain.ref(), List.of(disk), DEADLINE);
    if (!(outcome instanceof Planned planned)) {
      trial.disagree(before, "no plan for a disk on " + bus.xmlName(), outcome.toString());
      return;
    }
    DiskPlan plan = planned.disks().get(0);
    if (plan instanceof DiskPlan.Refusal refusal) {
      refused(before, bus, refusal);
    } else if (!(plan instanceof DiskPlan.Attach attach)) {
      trial.disagree(before, "a new volume is there already", plan.toString());
    } else if (trial.dice().chance(ATTACHED_PERCENT)) {
      attach(before, disk, attach);
    }
  }

  private void attach(Sight before, FileDisk disk, DiskPlan.Attach plan) throws LibvirtException {
    AttachOutcome outcome = plug.attach(domain.ref(), disk, DEADLINE);
    if (outcome instanceof Attached) {
      tally.count(Count.ATTACHED_FIRST);
    } else {
      trial.disagree(before, "planned and not attached", plan.placement() + "\n" + outcome + "\n");
    }
  }

  private void refused(Sight before, DiskBus bus, DiskPlan.Refusal refusal)
      throws LibvirtException {
    tally.count(Count.REFUSED_FIRST);
    String alias = domain.newAlias();
    Optional<String> error = leaveToLibvirt(before, bus, alias);
    if (error.isPresent()) {
      tally.refusal(Count.REFUSED_FIRST_AGREED, error.get());
      return;
    }
    Sight after = domain.look();
    Optional<Deviation> deviation =
        bus == DiskBus.SCSI ? deviation(before, after, alias) : Optional.empty();
    if (deviation.isPresent()) {
      tally.deviation(deviation.get());
      return;
    }
    Optional<FalseRefusal> reason = FalseRefusal.of(bus, before, after, alias);
    String said = refusal.reason() + ": " + refusal.explanation();
    if (reason.isPresent()) {
      tally.falseRefusal(
          reason.get(), trial.title(), refusal.noRoom().map(NoRoom::toString).orElse(said));
    } else {
      trial.disagree(before, "refused, but libvirt takes it: " + trial.diskNow(alias), said);
    }
  }

  /** The answer is libvirt's error, if it takes the disk under no name. */
  private Optional<String> leaveToLibvirt(Sight before, DiskBus bus, String alias) {
    if (bus == DiskBus.VIRTIO) {
      return attach(bus, Trial.freeTarget(before.views()), alias);
    }
    Optional<String> error = Optional.of("");
    for (int index = 0; index < NAMES && error.isPresent(); index++) {
      int number = index;
      Optional<String> target =
          Trial.freeOf(
              before.views(), PREFIXES.stream().map(prefix -> TargetDev.name(prefix, number)));
      if (target.isPresent()) {
        error = attach(bus, target.get(), alias);
      }
    }
    return error;
  }

  private Optional<String> attach(DiskBus bus, String target, String alias) {
    return domain.attach(domain.diskXml(bus.xmlName(), target, alias, null), domain.everyView());
  }

  /** Whether libvirt has put a SCSI disk where the allocator offers no place on purpose. */
  private static Optional<Deviation> deviation(Sight before, Sight after, String alias) {
    DomainView then = before.views().present().get(0);
    DriveAddress place =
        after.views().present().get(0).disks().stream()
            .filter(disk -> alias.equals(disk.alias()))
            .map(Disk::address)
            .map(DriveAddress.class::cast)
            .findFirst()
            .orElseThrow();
    Optional<Controller> used =
        then.scsiControllers().stream()
            .filter(controller -> controller.index() == place.controller())
            .findFirst();
    if (used.isEmpty()) {
      return Optional.empty();
    }
    List<String> models =
        before.views().present().stream()
            .flatMap(view -> view.scsiControllers().stream())
            .filter(controller -> controller.index() == place.controller())
            .map(Controller::model)
            .distinct()
            .toList();
    if (models.size() > 1) {
      return Optional.of(Deviation.SCSI_CONTROLLER_DIFFERS);
    }
    boolean aboveMissing =
        IntStream.range(0, place.controller())
            .anyMatch(
                index ->
                    then.scsiControllers().stream()
                        .noneMatch(controller -> controller.index() == index));
    return aboveMissing
        ? Optional.of(Deviation.SCSI_CONTROLLER_MISSING)
        : Deviation.of(used.get().model(), place);
  }
}
