// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import io.diskplug.domain.DriveAddress;
import io.diskplug.internal.model.Controller;
import io.diskplug.internal.model.TargetDev;
import io.diskplug.oracle.Tally.Count;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.libvirt.LibvirtException;

/**
 * Where the allocator finds no room on the SCSI controllers of a running domain, libvirt must not
 * find any on them, neither by its own choice nor by ours. It may plug another controller: what is
 * in question are those that there are.
 */
final class ScsiNoRoomCheck {

  /** libvirt numbers disks by their names: this many to a controller, each a unit of target 0. */
  private static final int UNITS_BY_NAME = 7;

  /** Places to ask for on a controller. */
  private static final int ASKED_FOR = 10;

  /** Whatever the prefix of a name, libvirt makes the same of the letters. */
  private static final List<String> PREFIXES = List.of("sd", "vd", "hd", "xvd", "ubd");

  private static final List<DriveAddress> PLACES = places();

  private final Trial trial;
  private final OracleDomain domain;
  private boolean agreed = true;
  private String refusal = "";

  ScsiNoRoomCheck(Trial trial) {
    this.trial = trial;
    this.domain = trial.domain();
  }

  void check(Sight before) throws LibvirtException {
    List<Controller> controllers = before.views().live().scsiControllers();
    if (controllers.isEmpty()) {
      return;
    }
    for (Controller controller : controllers) {
      for (int unit = 0; unit < UNITS_BY_NAME; unit++) {
        leaveToLibvirt(before, controller, unit);
      }
      for (int i = 0; i < ASKED_FOR; i++) {
        DriveAddress place = trial.dice().pick(PLACES);
        askFor(before, controller, place.target(), place.unit());
      }
    }
    if (agreed && !refusal.isEmpty()) {
      trial.tally().refusal(Count.NO_ROOM_SCSI_AGREED, refusal);
    }
  }

  /** libvirt's own choice follows from the name. */
  private void leaveToLibvirt(Sight before, Controller controller, int unit)
      throws LibvirtException {
    int index = controller.index() * UNITS_BY_NAME + unit;
    String target =
        Trial.firstFree(
            domain.look().views(), PREFIXES.stream().map(prefix -> TargetDev.name(prefix, index)));
    DriveAddress choice = new DriveAddress(controller.index(), 0, 0, unit);
    attach(before, controller, choice, target, null);
  }

  private void askFor(Sight before, Controller controller, int target, int unit)
      throws LibvirtException {
    DriveAddress place = new DriveAddress(controller.index(), 0, target, unit);
    attach(before, controller, place, Trial.freeTarget(domain.look().views()), place);
  }

  private void attach(
      Sight before, Controller controller, DriveAddress place, String target, DriveAddress inXml)
      throws LibvirtException {
    String alias = domain.newAlias();
    Optional<String> error =
        domain.attach(domain.diskXml("scsi", target, alias, inXml), OracleDomain.LIVE);
    if (error.isPresent()) {
      refusal = error.get();
      return;
    }
    Optional<Deviation> deviation =
        isAboveMissing(before, controller)
            ? Optional.of(Deviation.SCSI_CONTROLLER_MISSING)
            : Deviation.of(controller.model(), place);
    if (deviation.isPresent()) {
      trial.tally().deviation(deviation.get());
      return;
    }
    agreed = false;
    trial.disagree(
        before,
        "NoRoom on " + controller.model() + ", but libvirt finds " + trial.diskNow(alias),
        controller.toString());
  }

  private static boolean isAboveMissing(Sight before, Controller controller) {
    long below =
        before.views().live().scsiControllers().stream()
            .filter(other -> other.index() < controller.index())
            .count();
    return below < controller.index();
  }

  /** Around every limit of every model. */
  private static List<DriveAddress> places() {
    List<DriveAddress> places = new ArrayList<>();
    IntStream.concat(IntStream.rangeClosed(0, 9), IntStream.of(15, 16, 17, 63, 64, 65, 255, 256))
        .forEach(
            target -> {
              places.add(new DriveAddress(0, 0, target, 0));
              places.add(new DriveAddress(0, 0, target, 1));
            });
    IntStream.concat(IntStream.rangeClosed(2, 9), IntStream.of(31, 32, 255, 256))
        .forEach(unit -> places.add(new DriveAddress(0, 0, 0, unit)));
    return List.copyOf(places);
  }
}
