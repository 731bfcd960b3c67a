// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.place;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.match.DiskComparison;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.model.GuestSerial;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Difference;
import io.diskplug.outcome.Indeterminate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What it means that every view that applies has the volume.
 *
 * @param volume the volume
 * @param wanted the disk that was asked for, without a place
 * @param planned the disk as it was last sent to libvirt; null if nothing was sent
 * @param acceptedFor the views for which libvirt said that it attached the disk
 * @param views the views that were read
 * @param observations what was seen
 */
public record AttachVerification(
    VolumeRef volume,
    Disk wanted,
    @Nullable Disk planned,
    Set<View> acceptedFor,
    DomainViews views,
    ObservationLog observations) {

  public AttachOutcome outcome(Map<View, Disk> present) {
    Disk shown = present.values().iterator().next();
    DeviceAddress address = shown.address();
    if (address == null) {
      return notAsPlanned(shown.targetDev() + " has no address");
    }
    if (planned != null) {
      List<Difference> differences = fromPlan(planned, present);
      if (differences.isEmpty()) {
        return new Attached(
            shown.targetDev(),
            address,
            GuestSerial.linuxPath(shown),
            isFixed(present),
            observations.observation());
      }
      if (!acceptedFor.isEmpty()) {
        return notAsPlanned("attached in another way than planned: " + differences);
      }
      // The call failed, and another client attached the volume meanwhile.
    }
    return new AlreadyAttached(
        shown.targetDev(),
        address,
        GuestSerial.linuxPath(shown),
        isFixed(present),
        fromUsual(volume, wanted, present),
        observations.observation());
  }

  /** Whether the disk cannot be unplugged while the domain runs: now, or from the next start on. */
  private boolean isFixed(Map<View, Disk> present) {
    return views.present().stream()
        .anyMatch(
            view -> present.containsKey(view.view()) && view.isFixed(present.get(view.view())));
  }

  private AttachOutcome notAsPlanned(String explanation) {
    return new Indeterminate(
        Indeterminate.Reason.NOT_AS_PLANNED, explanation, observations.observation());
  }

  /** A view that had the disk before keeps the alias and the limits that it had. */
  private List<Difference> fromPlan(Disk plan, Map<View, Disk> present) {
    List<Difference> differences = new ArrayList<>();
    present.forEach(
        (view, disk) -> {
          if (acceptedFor.isEmpty() || acceptedFor.contains(view)) {
            differences.addAll(DiskComparison.ofPlace(view, plan, disk));
            differences.addAll(DiskComparison.ofTuning(view, plan, disk));
          }
        });
    return differences;
  }

  /** How the disk differs from one that this library attaches: the same place, and our alias. */
  public static List<Difference> fromUsual(VolumeRef volume, Disk wanted, Map<View, Disk> present) {
    Disk shown = present.values().iterator().next();
    String alias = volume.identity().alias();
    List<Difference> differences = new ArrayList<>();
    present.forEach(
        (view, disk) -> {
          if (!alias.equals(disk.alias())) {
            differences.add(
                new Difference(
                    view,
                    "alias",
                    alias,
                    Objects.requireNonNullElse(disk.alias(), Difference.ABSENT)));
          }
          differences.addAll(DiskComparison.ofSerial(view, wanted, disk));
          differences.addAll(DiskComparison.ofSeat(view, shown, disk));
          differences.addAll(DiskComparison.ofTuning(view, wanted, disk));
        });
    return differences;
  }
}
