// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.match;

import io.diskplug.domain.Disk;
import io.diskplug.domain.StorageSource;
import io.diskplug.domain.View;
import io.diskplug.internal.model.Device;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The disks of a domain of which the views do not tell whether they are a volume. */
public final class Unresolved {

  private Unresolved() {}

  /**
   * Those disks, the live ones first, and the devices that have storage, shown as disks.
   *
   * @param views the domain
   * @param ownership the rule for the volume
   */
  public static Set<Disk> in(DomainViews views, Ownership ownership) {
    return in(views, ownership::isTold, ownership::isTold);
  }

  /**
   * Those of which they do not tell whether they are any volume.
   *
   * @param views the domain
   */
  public static Set<Disk> in(DomainViews views) {
    return in(views, StorageSource::isTold, disk -> true);
  }

  private static Set<Disk> in(
      DomainViews views, Predicate<StorageSource> tells, Predicate<Disk> tellsOfDisk) {
    Set<Disk> unresolved = new LinkedHashSet<>();
    for (DomainView view : views.present()) {
      for (Disk disk : view.disks()) {
        boolean isTold =
            tellsOfDisk.test(disk)
                && disk.layers().allMatch(tells)
                && (view.view() == View.LIVE
                    || !disk.mayHaveUntoldLayers()
                    || isShownLive(disk, views.live()));
        if (!isTold) {
          unresolved.add(disk);
        }
      }
      for (Device device : view.devices()) {
        StorageSource source = device.source();
        if (source != null && !tells.test(source)) {
          unresolved.add(Ownership.shown(device, source));
        }
      }
    }
    return Collections.unmodifiableSet(unresolved);
  }

  /** libvirt has looked what a running disk lies on, and shows it in the live view. */
  private static boolean isShownLive(Disk disk, @Nullable DomainView live) {
    List<Disk> disks = live == null ? List.of() : live.disks();
    return disks.stream()
        .anyMatch(
            other ->
                other.targetDev().equals(disk.targetDev())
                    && other.source().isSpelledAs(disk.source()));
  }
}
