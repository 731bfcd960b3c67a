// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.request.repair;

import io.diskplug.domain.Disk;
import io.diskplug.domain.StorageSource;
import io.diskplug.domain.View;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.alloc.Allocation;
import io.diskplug.internal.alloc.Allocation.Placed;
import io.diskplug.internal.alloc.Allocator;
import io.diskplug.internal.alloc.Demand;
import io.diskplug.internal.alloc.Occupied;
import io.diskplug.internal.match.ExactDiskSelector;
import io.diskplug.internal.match.LimitGroups;
import io.diskplug.internal.model.Device;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.place.SerialRules;
import io.diskplug.internal.place.VolumePlacement;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

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
    if (ExactDiskSelector.mayHaveCookies(disk)) {
      return Optional.of(
          "libvirt does not show the cookies of a source that is read by HTTP or FTP");
    }
    DomainViews others = VolumePlacement.withoutVolume(views, Map.of(from, disk));
    Optional<String> conflict = user(others, disk.source());
    if (conflict.isEmpty()) {
      conflict = SerialRules.twin(others, disk);
    }
    if (conflict.isPresent()) {
      return conflict;
    }
    Allocation place =
        Allocator.allocate(
            others,
            new Demand(disk.bus(), alias, disk.targetDev(), disk.address(), from == View.LIVE),
            Occupied.NOTHING);
    View to = from == View.LIVE ? View.PERSISTENT : View.LIVE;
    return place instanceof Placed
        ? Optional.empty()
        : Optional.of("its place is taken in the " + to + " view: " + place);
  }

  /** What has the storage already, under whichever of its names, or may have it. */
  private static Optional<String> user(DomainViews others, StorageSource source) {
    for (DomainView view : others.present()) {
      for (Disk disk : view.disks()) {
        Optional<String> same = same(source, disk.layers());
        if (same.isPresent()) {
          return Optional.of(describe(disk.targetDev(), disk.source(), view) + same.get());
        }
      }
      for (Device device : view.devices()) {
        StorageSource passedThrough = device.source();
        Optional<String> same =
            passedThrough == null ? Optional.empty() : same(source, Stream.of(passedThrough));
        if (passedThrough != null && same.isPresent()) {
          return Optional.of(describe(device.description(), passedThrough, view) + same.get());
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> same(StorageSource source, Stream<StorageSource> layers) {
    List<StorageSource> named =
        source.isNamed() ? layers.filter(StorageSource::isNamed).toList() : List.of();
    if (named.stream().anyMatch(source::isSameAs)) {
      return Optional.of(" has the same source, or lies on it");
    }
    return named.stream().anyMatch(source::mayBe)
        ? Optional.of(" may be the same storage under another name, or lie on it")
        : Optional.empty();
  }

  private static String describe(String what, StorageSource source, DomainView view) {
    return "%s (%s %s) of the %s view"
        .formatted(what, source.kind(), source.canonicalName(), view.view());
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
