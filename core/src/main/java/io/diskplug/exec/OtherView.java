// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.alloc.Allocation;
import io.diskplug.alloc.Allocator;
import io.diskplug.alloc.Demand;
import io.diskplug.alloc.Occupied;
import io.diskplug.alloc.Placement;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainView;
import io.diskplug.domain.DomainViews;
import io.diskplug.domain.DomainXmlReader;
import io.diskplug.domain.View;
import java.util.Map;
import java.util.Optional;

/** A disk that one view has, to be added to the other one at the same place. */
final class OtherView {

  /** Why a transient disk is not added. */
  static final String TRANSIENT = "a transient disk lies on a file that ends with this run";

  private OtherView() {}

  /**
   * What keeps the other view from having the same disk at the same place.
   *
   * @param views the domain
   * @param from the view that has the disk
   * @param disk the disk as that view has it
   * @param alias the alias that it is to have
   */
  static Optional<String> obstacle(DomainViews views, View from, Disk disk, String alias) {
    if (!disk.isPluggable() || disk.address() == null) {
      return Optional.of("a " + disk.device() + " without an address cannot be plugged");
    }
    if (disk.mirror() != null) {
      return Optional.of("a block job copies the disk to another one");
    }
    if (SoughtDisk.mayHaveCookies(disk)) {
      return Optional.of(
          "libvirt does not show the cookies of a source that is read by HTTP or FTP");
    }
    for (DomainView view : views.present()) {
      Optional<Disk> user =
          view.disks().stream()
              .filter(other -> !(view.view() == from && other.equals(disk)))
              .filter(other -> other.layers().anyMatch(disk.source()::isSameAs))
              .findFirst();
      if (user.isPresent()) {
        return Optional.of(
            user.get().targetDev()
                + " of the "
                + view.view()
                + " view has the same source, or lies on it");
      }
    }
    Allocation place =
        Allocator.allocate(
            VolumePlacement.withoutVolume(views, Map.of(from, disk)),
            new Demand(disk.bus(), alias, disk.targetDev(), disk.address(), from == View.LIVE),
            Occupied.NOTHING);
    View to = from == View.LIVE ? View.PERSISTENT : View.LIVE;
    return place instanceof Placement
        ? Optional.empty()
        : Optional.of("its place is taken in the " + to + " view: " + place);
  }

  /**
   * The element to add to the other view, whose group of disks may show the same limits in another
   * way. What libvirt has found out by itself is in the live view only, and is left out.
   *
   * @param from the view that has the disk
   * @throws IllegalStateException if the view does not have the disk
   */
  static String element(Snapshot snapshot, View from, String targetDev) {
    String element = elementIn(snapshot, from, targetDev);
    return from == View.LIVE
        ? LimitGroups.spell(snapshot.views(), View.PERSISTENT, DomainXmlReader.definition(element))
        : LimitGroups.spell(snapshot.views(), View.LIVE, element);
  }

  /**
   * The element as a view has it, character by character.
   *
   * @throws IllegalStateException if the view does not have the disk
   */
  static String elementIn(Snapshot snapshot, View from, String targetDev) {
    String xml = from == View.LIVE ? snapshot.liveXml() : snapshot.persistentXml();
    if (xml == null) {
      throw new IllegalStateException("a view without XML: " + from);
    }
    return DomainXmlReader.diskXml(xml, targetDev)
        .orElseThrow(() -> new IllegalStateException("no element of " + targetDev));
  }

  /** Whether what the guest writes ends with this run. */
  static boolean isTransient(String element) {
    return DomainXmlReader.diskHas(element, "transient");
  }
}
