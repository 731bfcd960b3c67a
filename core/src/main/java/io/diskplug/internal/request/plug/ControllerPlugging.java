// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.request.plug;

import io.diskplug.alloc.NewController;
import io.diskplug.domain.View;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.model.Controller;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.observe.ObservationLog;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an attach remembers of the SCSI controllers that it plugs: what libvirt said of the last,
 * and which controllers there were before, so that those that libvirt plugs by itself are noticed.
 * The views decide what is still to be plugged.
 */
final class ControllerPlugging {

  private final ObservationLog observations;

  /** What libvirt said that it has plugged, until that was read back. */
  private @Nullable NewController accepted;

  /** The SCSI controllers of each view before the last call, by their index. */
  private Map<View, Map<Integer, Controller>> before = Map.of();

  /** The highest index that the last call was to use, and the controller that it was to plug. */
  private int highest = -1;

  private @Nullable NewController sent;

  ControllerPlugging(ObservationLog observations) {
    this.observations = observations;
  }

  /** A controller is about to be sent. */
  void sending(Snapshot snapshot, NewController controller) {
    remember(snapshot, controller.index());
    sent = controller;
  }

  /** A disk is about to be sent that sits on the controller with this index. */
  void sendingDisk(Snapshot snapshot, int index) {
    remember(snapshot, index);
    sent = null;
  }

  private void remember(Snapshot snapshot, int index) {
    before = controllers(snapshot);
    highest = index;
  }

  void accepted(NewController controller) {
    accepted = controller;
    observations.controller("plugged " + controller);
  }

  /**
   * Tells of controllers that came into a view, and are neither the one that this request has sent
   * nor the same one of another process.
   */
  void look(Snapshot snapshot) {
    controllers(snapshot)
        .forEach(
            (view, now) -> {
              Set<Integer> known = before.getOrDefault(view, now).keySet();
              now.values().stream()
                  .filter(there -> there.index() <= highest && !known.contains(there.index()))
                  .filter(there -> sent == null || !Objects.equals(sent.alias(), there.alias()))
                  .forEach(there -> appeared(there, view));
            });
    highest = -1;
  }

  private void appeared(Controller controller, View view) {
    observations.controller(
        "SCSI controller "
            + controller.index()
            + " ("
            + controller.model()
            + ") appeared in the "
            + view
            + " view: another tool has plugged it, or libvirt, because an index was missing");
  }

  /**
   * How what libvirt said that it has plugged differs from what is there.
   *
   * @return empty if it is there as it was sent
   */
  Optional<String> notAsPlugged(Snapshot snapshot) {
    NewController controller = accepted;
    accepted = null;
    return controller == null
        ? Optional.empty()
        : snapshot.views().present().stream()
            .filter(view -> controller.views().contains(view.view()))
            .flatMap(view -> difference(controller, view).stream())
            .findFirst();
  }

  private static Optional<String> difference(NewController controller, DomainView view) {
    String what = "libvirt said that it plugged " + controller + ", and the " + view.view();
    Optional<Controller> shown =
        view.scsiControllers().stream()
            .filter(other -> other.index() == controller.index())
            .findFirst();
    if (shown.isEmpty()) {
      return Optional.of(what + " view does not have it");
    }
    Controller there = shown.get();
    boolean isSame =
        controller.model().equals(there.model())
            && Objects.equals(controller.alias(), there.alias())
            && (controller.address() == null || controller.address().equals(there.address()));
    return isSame
        ? Optional.empty()
        : Optional.of(
            what
                + " view has one of model "
                + there.model()
                + " at "
                + there.address()
                + " with the alias "
                + there.alias());
  }

  private static Map<View, Map<Integer, Controller>> controllers(Snapshot snapshot) {
    Map<View, Map<Integer, Controller>> all = new TreeMap<>();
    for (DomainView view : snapshot.views().present()) {
      Map<Integer, Controller> ofView = new TreeMap<>();
      view.scsiControllers().forEach(controller -> ofView.put(controller.index(), controller));
      all.put(view.view(), ofView);
    }
    return all;
  }
}
