// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static io.diskplug.domain.View.LIVE;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.SerialChoice;
import io.diskplug.domain.DiskBus;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.DiskReport;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Rejected;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that the guest sees, read from the guest. */
class GuestNamesIT {

  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final long SIZE = 4 << 20;

  /** QEMU's vendor and product, as scsi_id joins them with the identifier. */
  private static final String LINK = "/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_";

  private final Lab lab = Lab.current();

  /** An id of this length that no other test has. */
  private static String id(int length) {
    String suffix = "-34fe-41d6-a4f5-1f5ad5b1a4a7-and-some-more-characters-at-the-end";
    String id = Lab.unique("pvc-226") + suffix;
    return id.substring(0, length);
  }

  private FileDisk disk(String id, DiskOptions options) {
    return new FileDisk(id, lab.file(Lab.unique("names"), SIZE), options);
  }

  private static Guest.SeenDisk seen(Guest guest, String serial) {
    return Awaitility.await("the guest sees exactly " + serial)
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> guest.sees().stream().filter(disk -> disk.serial().equals(serial)).findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  /** With virsh alone: page 0x80 has 36 characters, page 0x83 all of them, virtio-blk 20. */
  @ParameterizedTest
  @ValueSource(strings = {"pc", "q35"})
  void whatTheBusesShowOfALongSerial(String machine) {
    try (Guest guest = Guest.boot(lab, machine)) {
      int unit = 0;
      for (int length : List.of(20, 21, 36, 37, 40, 60)) {
        String serial = id(length);
        Path file = lab.file(Lab.unique("bare"), SIZE);
        Lab.Result result =
            guest.device("attach-device", element(file, "sd", "scsi", unit, serial), "--live");
        if (length > 36 && result.exitCode() != 0) {
          assertThat(result.output()).contains("The serial number can't be longer than 36");
          continue;
        }
        assertThat(result.exitCode()).as(result.output()).isZero();
        unit++;
        Guest.SeenDisk scsi = seen(guest, serial.substring(0, Math.min(36, length)));
        assertThat(guest.pages(scsi.device()).identifier()).isEqualTo(serial);
        assertThat(guest.diskWithSerial(LIVE, serial)).isPresent();
      }
      String serial = id(40);
      Path file = lab.file(Lab.unique("bare"), SIZE);
      guest.deviceOk("attach-device", element(file, "vd", "virtio", 0, serial), "--live");
      seen(guest, serial.substring(0, 20));
    }
  }

  private static String element(Path file, String prefix, String bus, int unit, String serial) {
    return ("<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='%s'/>"
            + "<target dev='%s%c' bus='%s'/><serial>%s</serial></disk>")
        .formatted(file, prefix, (char) ('a' + unit), bus, serial);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pc", "q35"})
  void anAttachTellsTheLinkThatTheGuestMakes(String machine) {
    DiskOptions scsi = DiskOptions.DEFAULTS.withBus(DiskBus.SCSI);
    try (Guest guest = Guest.boot(lab, machine);
        DiskPlug plug = DiskPlug.connect(lab.uri())) {
      FileDisk whole = disk(id(36), scsi);
      FileDisk derived = disk(id(40), scsi.withSerial(SerialChoice.DERIVED));
      FileDisk own = disk(id(40), scsi.withSerial(SerialChoice.own(Lab.unique("data.1+"))));

      assertThat(linkIn(guest, attached(plug, guest, whole))).isEqualTo(LINK + whole.volumeId());
      assertThat(linkIn(guest, attached(plug, guest, derived)))
          .isEqualTo(LINK + derived.volume().derivedSerial());
      linkIn(guest, attached(plug, guest, own));

      FileDisk virtio = disk(id(40), DiskOptions.DEFAULTS.withSerial(SerialChoice.DERIVED));
      Attached attached = attached(plug, guest, virtio);
      seen(guest, virtio.volume().derivedSerial());
      assertThat(attached.guestPath())
          .hasValue("/dev/disk/by-id/virtio-" + virtio.volume().derivedSerial());
      for (FileDisk disk : List.of(whole, derived, own, virtio)) {
        assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE)).isInstanceOf(Detached.class);
      }
    }
  }

  private static Attached attached(DiskPlug plug, Guest guest, FileDisk disk) {
    return (Attached) plug.attach(guest.ref(), disk, DEADLINE);
  }

  /** The link that was told, when the guest has a disk that udev would make it of. */
  private static String linkIn(Guest guest, Attached attached) {
    String link = attached.guestPath().orElseThrow();
    assertThat(link).startsWith(LINK);
    String identifier = link.substring(LINK.length());
    assertThat(guest.pages(seen(guest, identifier).device()).identifier()).isEqualTo(identifier);
    return link;
  }

  /** As an earlier version has attached it: both pages of a disk with 40 characters. */
  @ParameterizedTest
  @ValueSource(strings = {"pc", "q35"})
  void aLongIdIsRejectedAndOneThatIsThereIsFound(String machine) {
    DiskOptions scsi = DiskOptions.DEFAULTS.withBus(DiskBus.SCSI);
    FileDisk disk = disk(id(40), scsi);
    FileDisk chosen =
        new FileDisk(disk.volumeId(), disk.file(), scsi.withSerial(SerialChoice.DERIVED));
    try (Guest guest = Guest.boot(lab, machine);
        DiskPlug plug = DiskPlug.connect(lab.uri())) {
      Rejected rejected = (Rejected) plug.attach(guest.ref(), disk, DEADLINE);
      assertThat(rejected.reason()).isEqualTo(Rejected.Reason.BAD_REQUEST);
      assertThat(guest.sees()).isEmpty();

      String alias = "<alias name='" + disk.volume().identity().alias() + "'/></disk>";
      Lab.Result earlier =
          guest.device(
              "attach-device",
              element(disk.file(), "sd", "scsi", 0, disk.volumeId()).replace("</disk>", alias),
              "--live",
              "--config");
      if (earlier.exitCode() != 0) {
        assertThat(earlier.output()).contains("The serial number can't be longer than 36");
        return;
      }
      String shown = disk.volumeId().substring(0, 36);
      seen(guest, shown);

      assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(AlreadyAttached.class);
      AlreadyAttached already = (AlreadyAttached) plug.attach(guest.ref(), chosen, DEADLINE);
      assertThat(already.guestPath()).hasValue(LINK + disk.volumeId());
      Inspected inspected = (Inspected) plug.inspect(guest.ref(), DEADLINE);
      assertThat(inspected.refusedByNewerQemu())
          .extracting(DiskReport::targetDev)
          .containsExactly(already.targetDev());

      // The guest could not tell the two by page 0x80.
      FileDisk twin = disk(shown, scsi);
      assertThat(((Rejected) plug.attach(guest.ref(), twin, DEADLINE)).reason())
          .isEqualTo(Rejected.Reason.CONFLICT);

      assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE)).isInstanceOf(Detached.class);
      attached(plug, guest, chosen);
      seen(guest, disk.volume().derivedSerial());
    }
  }
}
