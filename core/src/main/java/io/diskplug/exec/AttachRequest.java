// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.alloc.Allocation;
import io.diskplug.alloc.Allocator;
import io.diskplug.alloc.Demand;
import io.diskplug.alloc.Occupied;
import io.diskplug.alloc.Placement;
import io.diskplug.alloc.Refused;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DomainView;
import io.diskplug.domain.DomainViews;
import io.diskplug.domain.DomainXmlReader;
import io.diskplug.domain.View;
import io.diskplug.exec.VolumeSearch.Found;
import io.diskplug.exec.VolumeSearch.Location;
import io.diskplug.fault.Classification;
import io.diskplug.fault.FaultClassifier;
import io.diskplug.fault.FaultException;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.fault.Verdict;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Difference;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.DiskSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Brings a volume into every view that applies. */
final class AttachRequest extends Request<AttachOutcome> {

  /** How often a fault that says nothing is worth another try. */
  private static final int MOST_UNEXPLAINED = 3;

  /** How often a race for a place may be lost before the caller should know. */
  private static final int MOST_RACES = 20;

  private final DiskSource source;

  /** The disk that is asked for, before it has a place. */
  private final Disk wanted;

  private final Map<String, String> lostTargets = new HashMap<>();
  private final Map<DeviceAddress, String> lostAddresses = new HashMap<>();
  private int races;
  private int unexplained;

  /** The disk as it was last sent, and the views for which libvirt said that it is attached. */
  private @Nullable Disk planned;

  private final Set<View> acceptedFor = EnumSet.noneOf(View.class);

  /** What to answer if the next reading shows that the failed call has had no effect. */
  private @Nullable Supplier<Step<AttachOutcome>> unlessDone;

  AttachRequest(
      BoundedDomain domain,
      DiskSource source,
      Trace trace,
      FaultClassifier classifier,
      RandomGenerator random) {
    super(domain, source.volume(), trace, classifier, random);
    this.source = source;
    this.wanted = DomainXmlReader.readDisk(DiskElements.writeUnplaced(source));
  }

  @Override
  Step<AttachOutcome> decide(Snapshot snapshot, Map<View, Location> locations)
      throws FaultException, CallUnfinishedException, InterruptedException {
    Map<View, Disk> present = new EnumMap<>(View.class);
    Set<View> missing = EnumSet.noneOf(View.class);
    locations.forEach(
        (view, location) -> {
          if (location instanceof Found found) {
            present.put(view, found.disk());
          } else {
            missing.add(view);
          }
        });

    List<Difference> differences = new ArrayList<>();
    present.forEach(
        (view, disk) -> differences.addAll(DiskComparison.ofSubstance(view, wanted, disk)));
    if (!differences.isEmpty()) {
      return rejected(
          Rejected.Reason.CONFLICT,
          "the volume is attached in another way than asked for: " + differences,
          differences);
    }
    if (missing.isEmpty()) {
      return done(verified(present));
    }
    if (unlessDone != null) {
      return unlessDone.get();
    }

    Demand demand = demand(present);
    Allocation allocation =
        Allocator.allocate(
            withoutVolume(snapshot.views(), present),
            demand,
            new Occupied(lostTargets, lostAddresses, Map.of()));
    if (allocation instanceof Placement placement) {
      return attach(placement, missing);
    }
    return present.isEmpty()
        ? unplaceable(allocation)
        : rejected(
            Rejected.Reason.CONFLICT,
            "the volume is in one view only, and its place is taken in the other: " + allocation);
  }

  /** The views as they would be without the volume: it does not stand in its own way. */
  private static DomainViews withoutVolume(DomainViews views, Map<View, Disk> present) {
    return new DomainViews(
        without(views.live(), present.get(View.LIVE)),
        without(views.persistent(), present.get(View.PERSISTENT)));
  }

  private static @Nullable DomainView without(@Nullable DomainView view, @Nullable Disk volume) {
    if (view == null || volume == null) {
      return view;
    }
    return new DomainView(
        view.view(),
        view.uuid(),
        view.name(),
        view.architecture(),
        view.machine(),
        view.controllers(),
        view.disks().stream().filter(disk -> !disk.equals(volume)).toList(),
        view.devices());
  }

  private Step<AttachOutcome> unplaceable(Allocation allocation) {
    if (allocation instanceof Refused refused) {
      return rejected(
          refused.reason() == Refused.Reason.ALIAS_TAKEN
              ? Rejected.Reason.CONFLICT
              : Rejected.Reason.BAD_REQUEST,
          refused.toString());
    }
    return rejected(Rejected.Reason.NO_ROOM, allocation.toString());
  }

  /**
   * A volume that one view has goes to the same place in the other: target dev and address must not
   * differ between the two.
   */
  private Demand demand(Map<View, Disk> present) {
    String alias = volume.identity().alias();
    return present.values().stream()
        .findFirst()
        .map(disk -> new Demand(source.bus(), alias, disk.targetDev(), disk.address()))
        .orElseGet(() -> Demand.of(source.bus(), alias));
  }

  private Step<AttachOutcome> attach(Placement placement, Set<View> scope)
      throws CallUnfinishedException, InterruptedException {
    String xml = DiskElements.write(source, placement);
    planned = DomainXmlReader.readDisk(xml);
    changing();
    try {
      domain.attachDevice(xml, scope);
      acceptedFor.addAll(scope);
      return again();
    } catch (FaultException e) {
      trace.fault(e.fault());
      return afterFault(e.fault(), placement);
    }
  }

  /** What the next round shall do if it finds the volume still missing. */
  private Step<AttachOutcome> afterFault(LibvirtFault fault, Placement placement) {
    Classification meaning = classify(fault);
    switch (meaning.condition()) {
      case TARGET_TAKEN -> {
        lostTargets.put(placement.targetDev(), "taken when it was asked for");
        return raced(fault);
      }
      case ADDRESS_TAKEN -> {
        if (placement.address() != null) {
          lostAddresses.put(placement.address(), "taken when it was asked for");
        }
        return raced(fault);
      }
      default -> {
        // Falls to the verdict.
      }
    }
    if (meaning.verdict() == Verdict.FATAL) {
      unlessDone = () -> rejected(Troubles.rejection(meaning.condition()), explain(fault));
      return again();
    }
    Unavailable.Reason reason = Troubles.reason(meaning.condition());
    if (reason == Unavailable.Reason.STORAGE_UNREACHABLE) {
      // The caller knows better than we do how long its storage may be away.
      unlessDone = () -> done(unavailable(reason, explain(fault)));
      return again();
    }
    if (reason == Unavailable.Reason.FAULT && ++unexplained >= MOST_UNEXPLAINED) {
      unlessDone = () -> done(unavailable(reason, explain(fault)));
      return again();
    }
    return pause(reason, fault.toString());
  }

  /** libvirt's messages do not always name what they are about. */
  private String explain(LibvirtFault fault) {
    return "volume "
        + volume.id()
        + " ("
        + volume.identity().kind()
        + " "
        + volume.identity().name()
        + "): "
        + fault;
  }

  private Step<AttachOutcome> raced(LibvirtFault fault) {
    return ++races < MOST_RACES ? again() : pause(Unavailable.Reason.FAULT, fault.toString());
  }

  /** The volume is in every view that applies: is it what was planned? */
  private AttachOutcome verified(Map<View, Disk> present) {
    Disk shown = present.values().iterator().next();
    DeviceAddress address = shown.address();
    if (address == null) {
      return indeterminate(
          Indeterminate.Reason.NOT_AS_PLANNED, shown.targetDev() + " has no address");
    }
    List<Difference> fromPlan = new ArrayList<>();
    Disk plan = planned;
    if (plan != null) {
      present.forEach(
          (view, disk) -> {
            // A view that had the disk before keeps the alias and the limits that it had.
            if (acceptedFor.isEmpty() || acceptedFor.contains(view)) {
              fromPlan.addAll(DiskComparison.ofPlace(view, plan, disk));
              fromPlan.addAll(DiskComparison.ofTuning(view, plan, disk));
            }
          });
      if (fromPlan.isEmpty()) {
        return new Attached(shown.targetDev(), address, guestPath(), trace.observation());
      }
      if (!acceptedFor.isEmpty()) {
        return indeterminate(
            Indeterminate.Reason.NOT_AS_PLANNED,
            "attached in another way than planned: " + fromPlan);
      }
      // Our call failed, and somebody else attached the volume meanwhile.
    }
    List<Difference> tolerated = new ArrayList<>();
    Disk usual = aliased(shown);
    present.forEach(
        (view, disk) -> {
          tolerated.addAll(DiskComparison.ofPlace(view, usual, disk));
          tolerated.addAll(DiskComparison.ofTuning(view, wanted, disk));
        });
    return new AlreadyAttached(
        shown.targetDev(), address, guestPath(), tolerated, trace.observation());
  }

  /** The disk that is shown, with the alias that it should have. */
  private Disk aliased(Disk disk) {
    return new Disk(
        disk.device(),
        disk.targetDev(),
        disk.bus(),
        disk.model(),
        disk.source(),
        disk.backingChain(),
        disk.mirror(),
        disk.serial(),
        volume.identity().alias(),
        disk.address(),
        disk.readOnly(),
        disk.shareable(),
        disk.driver(),
        disk.ioTune());
  }

  private Optional<String> guestPath() {
    // udev names SCSI disks by rules of its own; for virtio-blk the rule is one line long.
    return source.bus() == DiskBus.VIRTIO
        ? Optional.of(GuestPaths.virtio(volume.id()))
        : Optional.empty();
  }

  @Override
  AttachOutcome deadlinePassed() {
    return hasChanged()
        ? indeterminate(
            Indeterminate.Reason.DEADLINE, "the deadline passed before the result was verified")
        : lastTrouble();
  }

  @Override
  AttachOutcome notDone(NotDone outcome) {
    return outcome;
  }
}
