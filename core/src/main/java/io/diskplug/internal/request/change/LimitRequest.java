// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.request.change;

import io.diskplug.disk.IoTune;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.engine.Step;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.match.NormalForm;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.request.RequestContext;
import io.diskplug.outcome.ChangeOutcome;
import io.diskplug.outcome.Rejected;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Sets the limits of a disk in every view that has it, until these are in force in each, and no
 * others. libvirt may show them in another spelling ({@link NormalForm#ioTune}).
 */
public final class LimitRequest extends ChangeRequest {

  private final IoTune limits;
  private final Map<String, String> wanted;

  /** Whether a view had other limits when this request began. */
  private boolean differed;

  /**
   * Where libvirt has said that they are set. The persistent view shows them even if they could not
   * be saved, and loses them with the daemon: only what libvirt says counts there.
   */
  private final Set<View> accepted = EnumSet.noneOf(View.class);

  /** Where libvirt has said that the disk was taken out of its old group. */
  private final Set<View> ungrouped = EnumSet.noneOf(View.class);

  public LimitRequest(
      DomainAccess domain,
      VolumeRef volume,
      IoTune limits,
      ObservationLog observations,
      RequestContext context) {
    super(domain, volume, observations, context);
    this.limits = limits;
    this.wanted = NormalForm.ioTune(shown(limits));
  }

  /** As a view shows them: it leaves out what is not limited. */
  private static Map<String, String> shown(IoTune limits) {
    Map<String, String> shown = new HashMap<>();
    limits
        .numbers()
        .forEach(
            (name, number) -> {
              if (number != 0) {
                shown.put(name, number.toString());
              }
            });
    limits.groupName().ifPresent(group -> shown.put(IoTune.GROUP_NAME, group));
    return shown;
  }

  @Override
  protected Step<ChangeOutcome> decide(Map<View, Disk> present) throws FaultException {
    Map<View, Disk> others = new EnumMap<>(present);
    others.values().removeIf(disk -> wanted.equals(NormalForm.ioTune(disk.ioTune())));
    differed |= !others.isEmpty();
    Disk persistent = present.get(View.PERSISTENT);
    if (persistent != null && !accepted.contains(View.PERSISTENT)) {
      others.put(View.PERSISTENT, persistent);
    }
    if (others.isEmpty()) {
      return changed(present, differed);
    }
    Supplier<Step<ChangeOutcome>> verdict = unlessDone();
    if (verdict != null) {
      return verdict.get();
    }
    for (Map.Entry<View, Disk> other : others.entrySet()) {
      if (accepted.contains(other.getKey())) {
        return rejected(
            Rejected.Reason.CONFLICT,
            "libvirt said that the limits are set, and the "
                + other.getKey()
                + " view shows others: "
                + other.getValue().ioTune());
      }
    }
    if (observations.status().filter(DomainStatus::active).isPresent()) {
      // libvirt takes the job for the persistent view, too.
      Optional<Step<ChangeOutcome>> occupied =
          others.containsKey(View.LIVE) ? whileOccupied() : whileQemuIsSilent();
      if (occupied.isPresent()) {
        return occupied.get();
      }
    }
    return set(others);
  }

  /** In one call, if one name says the disk in both views. */
  private Step<ChangeOutcome> set(Map<View, Disk> others) throws FaultException {
    String target = others.values().iterator().next().targetDev();
    Map<View, Disk> alike = new EnumMap<>(others);
    alike.values().removeIf(disk -> !disk.targetDev().equals(target));
    // Without any limit the disk leaves its group by the same call.
    boolean leavesGroup =
        limits.groupName().isEmpty()
            && !limits.equals(IoTune.UNLIMITED)
            && alike.values().stream().anyMatch(LimitRequest::isInGroup);
    if (leavesGroup && ungrouped.containsAll(alike.keySet())) {
      // With these limits it would stay in the group, and the group's other disks would have them.
      return rejected(
          Rejected.Reason.CONFLICT,
          "libvirt said that the disk has left its group, and it is in one: " + tunes(alike));
    }
    changing();
    try {
      if (leavesGroup) {
        domain.setLimits(target, IoTune.UNLIMITED, alike.keySet());
        ungrouped.addAll(alike.keySet());
      } else {
        domain.setLimits(target, limits, alike.keySet());
        accepted.addAll(alike.keySet());
      }
      return again();
    } catch (FaultException e) {
      observations.fault(e.fault());
      return byVerdict(classify(e.fault()), e.fault());
    }
  }

  private static boolean isInGroup(Disk disk) {
    return disk.ioTune().containsKey(IoTune.GROUP_NAME);
  }

  private static Map<View, Map<String, String>> tunes(Map<View, Disk> disks) {
    Map<View, Map<String, String>> tunes = new EnumMap<>(View.class);
    disks.forEach((view, disk) -> tunes.put(view, disk.ioTune()));
    return tunes;
  }
}
