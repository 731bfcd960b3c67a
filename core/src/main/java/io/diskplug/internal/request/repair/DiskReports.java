// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.request.repair;

import io.diskplug.domain.Disk;
import io.diskplug.domain.StorageSource;
import io.diskplug.domain.View;
import io.diskplug.internal.match.DiskComparison;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.qemu.QemuView;
import io.diskplug.outcome.Difference;
import io.diskplug.outcome.DiskReport;
import io.diskplug.outcome.DiskReport.Drift;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Holds the disks of the two views against each other, and against QEMU. */
final class DiskReports {

  private final DomainViews views;
  private final @Nullable QemuView qemu;
  private final Predicate<Disk> unplugPending;
  private final Map<Disk, Disk> persistentOf = new LinkedHashMap<>();
  private final List<Disk> persistentLeft;
  private final List<Disk> liveLeft;

  private DiskReports(DomainViews views, @Nullable QemuView qemu, Predicate<Disk> unplugPending) {
    this.views = views;
    this.qemu = qemu;
    this.unplugPending = unplugPending;
    this.liveLeft = disks(views.live());
    this.persistentLeft = disks(views.persistent());
  }

  /**
   * A report of each disk.
   *
   * @param views the domain
   * @param qemu what QEMU has, if it was asked
   * @param unplugPending whether the guest was asked for a live disk
   */
  static List<DiskReport> of(
      DomainViews views, @Nullable QemuView qemu, Predicate<Disk> unplugPending) {
    return new DiskReports(views, qemu, unplugPending).reports();
  }

  private static List<Disk> disks(@Nullable DomainView view) {
    return view == null ? new ArrayList<>() : new ArrayList<>(view.disks());
  }

  private List<DiskReport> reports() {
    match(DiskReports::haveSameUserAlias);
    match(
        (live, persistent) ->
            live.targetDev().equals(persistent.targetDev())
                && live.source().isSameAs(persistent.source()));
    // A drive stays the same with another medium in it.
    match(
        (live, persistent) ->
            !live.device().equals("disk")
                && live.device().equals(persistent.device())
                && live.targetDev().equals(persistent.targetDev()));
    match((live, persistent) -> !isEmpty(live) && live.source().isSameAs(persistent.source()));
    // A volume of ours is never told by its target dev alone.
    match(
        (live, persistent) ->
            live.targetDev().equals(persistent.targetDev())
                && !live.hasOwnAlias()
                && !persistent.hasOwnAlias());
    List<DiskReport> reports = new ArrayList<>();
    for (Disk live : disks(views.live())) {
      reports.add(report(Optional.of(live), Optional.ofNullable(persistentOf.get(live))));
    }
    for (Disk persistent : persistentLeft) {
      reports.add(report(Optional.empty(), Optional.of(persistent)));
    }
    return List.copyOf(reports);
  }

  private static boolean isEmpty(Disk disk) {
    return disk.source().equals(StorageSource.NONE);
  }

  private static boolean haveSameUserAlias(Disk live, Disk persistent) {
    String alias = live.userAlias();
    return alias != null && alias.equals(persistent.alias());
  }

  /** Each disk that is left gets the first one of the other view that is left and matches. */
  private void match(BiPredicate<Disk, Disk> rule) {
    for (Disk live : List.copyOf(liveLeft)) {
      persistentLeft.stream()
          .filter(persistent -> rule.test(live, persistent))
          .findFirst()
          .ifPresent(
              persistent -> {
                persistentOf.put(live, persistent);
                persistentLeft.remove(persistent);
                liveLeft.remove(live);
              });
    }
  }

  private DiskReport report(Optional<Disk> live, Optional<Disk> persistent) {
    List<Difference> differences =
        live.isPresent() && persistent.isPresent()
            ? differences(persistent.get(), live.get())
            : List.of();
    return new DiskReport(
        live,
        persistent,
        drift(live, persistent, differences),
        differences,
        live.flatMap(this::heldByQemu),
        live.filter(unplugPending).isPresent(),
        Optional.empty(),
        isFixed(views.live(), live) || isFixed(views.persistent(), persistent));
  }

  private static boolean isFixed(@Nullable DomainView view, Optional<Disk> disk) {
    return view != null && disk.filter(view::isFixed).isPresent();
  }

  private Drift drift(
      Optional<Disk> live, Optional<Disk> persistent, List<Difference> differences) {
    if (views.live() == null || views.persistent() == null) {
      return Drift.NONE;
    } else if (persistent.isEmpty()) {
      return Drift.LIVE_ONLY;
    } else if (live.isEmpty()) {
      return Drift.PERSISTENT_ONLY;
    }
    return differences.isEmpty() ? Drift.NONE : Drift.DIFFERENT;
  }

  /**
   * The alias that libvirt makes up is in the live view only, and no difference; a disk that was
   * taken over has ours in the persistent one, and gets it at the next start.
   */
  private static List<Difference> differences(Disk persistent, Disk live) {
    List<Difference> differences = new ArrayList<>();
    differences.addAll(DiskComparison.ofSubstance(View.LIVE, persistent, live));
    differences.addAll(
        live.userAlias() == null && (persistent.alias() == null || persistent.hasOwnAlias())
            ? DiskComparison.ofSeat(View.LIVE, persistent, live)
            : DiskComparison.ofPlace(View.LIVE, persistent, live));
    differences.addAll(DiskComparison.ofTuning(View.LIVE, persistent, live));
    return differences;
  }

  private Optional<Boolean> heldByQemu(Disk live) {
    String alias = live.alias();
    return qemu == null || alias == null
        ? Optional.empty()
        : Optional.of(qemu.devices().contains(alias));
  }
}
