// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.View;
import io.diskplug.internal.model.Controller;
import io.diskplug.lab.InterceptedHypervisor.Moment;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.DiskPlan;
import io.diskplug.outcome.Planned;
import io.diskplug.outcome.Rejected;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SCSI disks for guests without a SCSI controller: the library plugs one, and it stays. */
class ScsiControllerIT {

  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final long SIZE = 8 << 20;
  private static final String ALIAS = "ua-diskplug-scsi-0";

  private static final Pattern SCSI =
      Pattern.compile("<controller type='scsi'.*?</controller>", Pattern.DOTALL);
  private static final Pattern ROOT_PORT =
      Pattern.compile("<controller type='pci'[^>]*pcie-root-port'.*?</controller>", Pattern.DOTALL);

  private final Lab lab = Lab.current();
  private final List<Guest> guests = new ArrayList<>();
  private final DiskPlug plug = DiskPlug.connect(lab.uri());

  @AfterEach
  void close() {
    plug.close();
    guests.forEach(Guest::close);
  }

  /** Without a SCSI controller, shut off. */
  private Guest define(String machine) {
    Guest guest = Guest.define(lab, machine);
    guests.add(guest);
    redefine(guest, SCSI.matcher(guest.xml(PERSISTENT)).replaceAll(""));
    assertThat(guest.read(PERSISTENT).scsiControllers()).isEmpty();
    return guest;
  }

  private void redefine(Guest guest, String xml) {
    assertThat(xml).contains(guest.name());
    lab.define(xml);
  }

  private Guest boot(String machine) {
    Guest guest = define(machine);
    guest.booting(() -> lab.virsh("start", guest.name()));
    return guest;
  }

  private FileDisk disk() {
    String id = Lab.volumeId();
    return new FileDisk(id, lab.file(id, SIZE), DiskOptions.DEFAULTS.withBus(DiskBus.SCSI));
  }

  private Attached attach(Guest guest, FileDisk disk) {
    AttachOutcome outcome = plug.attach(guest.ref(), disk, DEADLINE);
    assertThat(outcome).isInstanceOf(Attached.class);
    return (Attached) outcome;
  }

  /** One controller of the library's, the same in each view. */
  private static void hasController(Guest guest, View... views) {
    List<Controller> first = guest.read(views[0]).scsiControllers();
    assertThat(first).hasSize(1);
    for (View view : views) {
      List<Controller> shown = guest.read(view).scsiControllers();
      assertThat(shown).hasSize(1);
      assertThat(shown.get(0).alias()).isEqualTo(ALIAS);
      assertThat(shown.get(0).model()).isEqualTo("virtio-scsi");
      assertThat(shown.get(0).address()).isEqualTo(first.get(0).address());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pc", "q35"})
  void theGuestSeesTheDiskAndTheControllerStays(String machine) {
    Guest guest = boot(machine);
    FileDisk disk = disk();
    Planned planned = (Planned) plug.plan(guest.ref(), List.of(disk), DEADLINE);
    DiskPlan.Attach plan = (DiskPlan.Attach) planned.disks().get(0);

    Attached attached = attach(guest, disk);

    assertThat(plan.controllers()).hasSize(1);
    assertThat(guest.read(LIVE).scsiControllers().get(0).address())
        .isEqualTo(plan.controllers().get(0).address());
    assertThat(attached.address()).isEqualTo(plan.placement().address());
    assertThat(attached.observed().controllers())
        .containsExactly("plugged " + plan.controllers().get(0));
    hasController(guest, LIVE, PERSISTENT);
    assertThat(guest.awaitDisk(disk.volumeId()).size()).isEqualTo(SIZE);

    FileDisk second = disk();
    assertThat(attach(guest, second).observed().controllers()).isEmpty();
    for (FileDisk either : List.of(disk, second)) {
      assertThat(plug.detach(guest.ref(), either.volume(), DEADLINE)).isInstanceOf(Detached.class);
    }
    guest.awaitNoDisk(disk.volumeId());
    hasController(guest, LIVE, PERSISTENT);
  }

  /** One that was never booted: it finds the disk when it does. */
  @ParameterizedTest
  @ValueSource(strings = {"pc", "q35"})
  void aGuestThatHasNotBootedFindsItLater(String machine) {
    Guest guest = define(machine);
    lab.virsh("start", "--paused", guest.name());
    FileDisk disk = disk();

    Attached unused = attach(guest, disk);

    hasController(guest, LIVE, PERSISTENT);
    guest.booting(guest::resume);
    guest.awaitDisk(disk.volumeId());
  }

  @ParameterizedTest
  @ValueSource(strings = {"pc", "q35"})
  void aShutOffDomainGetsVirtioScsiInsteadOfLibvirtsChoice(String machine) {
    Guest guest = define(machine);
    FileDisk disk = disk();

    Attached unused = attach(guest, disk);

    hasController(guest, PERSISTENT);
    guest.booting(() -> lab.virsh("start", guest.name()));
    guest.awaitDisk(disk.volumeId());
    hasController(guest, LIVE, PERSISTENT);
  }

  @ParameterizedTest
  @CsvSource({"pc, --live", "pc, --config", "q35, --live", "q35, --config"})
  void aControllerOfOneViewWithAThreadThatTheOtherLacks(String machine, String scope)
      throws Exception {
    Guest guest = define(machine);
    lab.virsh("start", "--paused", guest.name());
    lab.virsh("iothreadadd", guest.name(), "1", scope);
    Path xml = lab.filesDirectory().resolve(guest.name() + "-controller.xml");
    java.nio.file.Files.writeString(
        xml,
        "<controller type='scsi' index='0' model='virtio-scsi'><driver iothread='1'/></controller>");
    lab.virsh("attach-device", guest.name(), xml.toString(), scope);

    Attached unused = attach(guest, disk());

    Controller live = guest.read(LIVE).scsiControllers().get(0);
    Controller persistent = guest.read(PERSISTENT).scsiControllers().get(0);
    assertThat(live.address()).isEqualTo(persistent.address());
    assertThat((scope.equals("--live") ? persistent : live).alias()).isEqualTo(ALIAS);
  }

  /** Two processes at once: their locks and lanes know nothing of each other. */
  @ParameterizedTest
  @ValueSource(strings = {"pc", "q35"})
  void ofTwoThatRaceOnePlugsIt(String machine) throws Exception {
    for (int round = 0; round < 3; round++) {
      Guest guest = define(machine);
      lab.virsh("start", "--paused", guest.name());
      List<FileDisk> disks = List.of(disk(), disk());
      try (DiskPlug other =
          DiskPlug.on(InterceptedHypervisor.connect(lab.uri(), moment -> {}), Options.defaults())) {
        CompletableFuture<AttachOutcome> one =
            plug.attachAsync(guest.ref(), disks.get(0), DEADLINE);
        CompletableFuture<AttachOutcome> two =
            other.attachAsync(guest.ref(), disks.get(1), DEADLINE);
        assertThat(one.get()).isInstanceOf(Attached.class);
        assertThat(two.get()).isInstanceOf(Attached.class);
      }
      hasController(guest, LIVE, PERSISTENT);
      assertThat(guest.read(LIVE).disks()).hasSize(2);
      assertThat(guest.read(PERSISTENT).disks()).hasSize(2);
    }
  }

  /** The process dies when the controller is there, and before the disk is sent. */
  @ParameterizedTest
  @ValueSource(strings = {"AFTER ATTACH 1", "AFTER PERSISTENT_XML 2", "BEFORE ATTACH 2"})
  void aDeathBetweenTheControllerAndTheDisk(String moment) {
    Guest guest = define("q35");
    lab.virsh("start", "--paused", guest.name());
    FileDisk disk = disk();
    ChildJvm.Output output =
        ChildJvm.run(
            Doomed.class, lab.uri(), guest.name(), disk.volumeId(), disk.file().toString(), moment);
    assertThat(output.exitCode()).as(output.all()).isEqualTo(Doomed.DEAD);
    hasController(guest, LIVE, PERSISTENT);
    assertThat(guest.read(LIVE).disks()).isEmpty();

    Attached attached = attach(guest, disk);

    assertThat(attached.observed().controllers()).isEmpty();
    hasController(guest, LIVE, PERSISTENT);
  }

  @Test
  void withoutASlotItIsRefusedAndNothingIsRecommendedThatWouldBe() {
    Guest guest = define("q35");
    redefine(guest, ROOT_PORT.matcher(guest.xml(PERSISTENT)).replaceAll(""));
    lab.virsh("start", "--paused", guest.name());

    AttachOutcome outcome = plug.attach(guest.ref(), disk(), DEADLINE);

    assertThat(outcome).isInstanceOf(Rejected.class);
    Rejected rejected = (Rejected) outcome;
    assertThat(rejected.reason()).isEqualTo(Rejected.Reason.NO_ROOM);
    assertThat(rejected.explanation()).doesNotContain("use the scsi bus");
    assertThat(guest.read(LIVE).scsiControllers()).isEmpty();
    assertThat(guest.read(PERSISTENT).scsiControllers()).isEmpty();
  }

  /** Attaches, and dies on the way. */
  static final class Doomed {

    static final int DEAD = 33;

    private Doomed() {}

    public static void main(String[] arguments) {
      Moment end = Moment.parse(arguments[4]);
      InterceptedHypervisor hypervisor =
          InterceptedHypervisor.connect(
              arguments[0],
              moment -> {
                if (moment.equals(end)) {
                  Runtime.getRuntime().halt(DEAD);
                }
              });
      try (DiskPlug doomed = DiskPlug.on(hypervisor, Options.defaults())) {
        FileDisk disk =
            new FileDisk(
                arguments[2], Path.of(arguments[3]), DiskOptions.DEFAULTS.withBus(DiskBus.SCSI));
        AttachOutcome unused = doomed.attach(DomainRef.name(arguments[1]), disk, DEADLINE);
      }
    }
  }
}
