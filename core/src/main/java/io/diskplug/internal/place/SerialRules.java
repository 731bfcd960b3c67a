// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.place;

import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.View;
import io.diskplug.internal.match.NormalForm;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.model.GuestSerial;
import io.diskplug.outcome.Rejected;
import io.diskplug.spi.DiskSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which serial a disk gets, and what is against it. Pure and without state. */
public final class SerialRules {

  private SerialRules() {}

  /** The serial that is asked for. */
  static String wanted(DiskSource source) {
    return source.options().serial().serial(source.volume(), source.options().bus());
  }

  /**
   * The serial of the element that is sent. Two views never get two serials: a disk that one of
   * them has keeps its own, and one that was adopted without stays without.
   */
  static @Nullable String toSend(DiskSource source, Map<View, Disk> present) {
    return present.isEmpty()
        ? wanted(source)
        : NormalForm.serial(present.values().iterator().next().serial());
  }

  /**
   * Why a disk that no view has cannot get its serial. Of a disk that a view has the serial is
   * settled.
   */
  static Optional<VolumePlacement.None> objection(DomainViews views, DiskSource source) {
    String serial = wanted(source);
    if (source.options().bus() != DiskBus.VIRTIO
        && !GuestSerial.isWhole(source.options().bus(), serial)) {
      return objection(Rejected.Reason.BAD_REQUEST, tooLong(serial, source.options().bus()));
    }
    return twin(views, source.options().bus(), serial);
  }

  /**
   * Why a disk that one view has does not get into the other: a guest could not tell it by its
   * serial from another disk.
   *
   * @param others the views without the disk
   * @param disk the disk
   */
  public static Optional<String> twin(DomainViews others, Disk disk) {
    return Optional.ofNullable(NormalForm.serial(disk.serial()))
        .flatMap(
            serial ->
                twinOf(others, disk.bus(), serial)
                    .map(other -> cannotTell(serial, disk.bus(), other)));
  }

  /**
   * Whether another disk has a serial that the guest cannot tell from the one that the volume's
   * disk has in one view already, and is to get in the other.
   *
   * @param others the views without the volume's own disk
   */
  public static Optional<VolumePlacement.None> twin(
      DomainViews others, DiskSource source, Map<View, Disk> present) {
    return Optional.ofNullable(toSend(source, present))
        .flatMap(serial -> twin(others, source.options().bus(), serial));
  }

  private static Optional<VolumePlacement.None> twin(
      DomainViews views, DiskBus bus, String serial) {
    return twinOf(views, bus, serial)
        .flatMap(
            disk ->
                objection(
                    Rejected.Reason.CONFLICT,
                    cannotTell(serial, bus, disk) + ": " + otherSerials(serial, bus)));
  }

  private static Optional<Disk> twinOf(DomainViews views, DiskBus bus, String serial) {
    return views.present().stream()
        .flatMap(view -> view.disks().stream())
        .filter(disk -> isTwin(serial, bus, disk))
        .findFirst();
  }

  private static boolean isTwin(String serial, DiskBus bus, Disk disk) {
    return serial.equals(disk.serial()) || GuestSerial.areTwins(bus, serial, disk);
  }

  private static Optional<VolumePlacement.None> objection(Rejected.Reason reason, String why) {
    return Optional.of(new VolumePlacement.None(reason, why, Optional.empty()));
  }

  private static String tooLong(String serial, DiskBus bus) {
    return "the volume id "
        + serial
        + " has "
        + serial.length()
        + " characters, and a serial on the "
        + bus.xmlName()
        + " bus has room for "
        + GuestSerial.room(bus)
        + ": QEMU 9.1 and later refuse a longer one, and earlier ones cut it. Choose a serial of"
        + " your own (DiskOptions.withSerial(SerialChoice.own(...))), or the one that is derived"
        + " from the id (DiskOptions.withSerial(SerialChoice.DERIVED))";
  }

  private static String cannotTell(String serial, DiskBus bus, Disk disk) {
    String sees =
        bus == disk.bus()
            ? "on the "
                + bus.xmlName()
                + " bus a guest sees "
                + GuestSerial.room(bus)
                + " bytes of a serial: it"
            : "a guest";
    return sees
        + " could not tell the disk (serial "
        + serial
        + ", of which it sees "
        + GuestSerial.shown(bus, serial)
        + ") from "
        + disk.targetDev()
        + (disk.serial() == null ? " (which has no serial)" : " (serial " + disk.serial() + ")");
  }

  private static String otherSerials(String serial, DiskBus bus) {
    return "choose a serial of your own (DiskOptions.withSerial(SerialChoice.own(...)))"
        + (GuestSerial.isWhole(bus, serial)
            ? ""
            : ", or the one that is derived from the id (SerialChoice.DERIVED)");
  }
}
