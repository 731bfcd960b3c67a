// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.domain.View;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Guests that release a disk late, refuse to, forget that they were asked, or go away meanwhile.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class UnwillingGuestIT {

  private static final Duration DEADLINE = Duration.ofSeconds(90);
  private static final Duration SHORT = Duration.ofSeconds(2);

  /** How soon after what it waits for a detach is done: much less, on a machine that is idle. */
  private static final Duration SOON = Duration.ofSeconds(15);

  private final Lab lab = Lab.current();
  private final Map<UUID, Integer> requests = new ConcurrentHashMap<>();
  private final DiskPlug plug = counting();
  private final Guest guest = Guest.boot(lab, "q35");
  private final Guest forgetful = Guest.boot(lab, "pc");
  private FileDisk forgotten;
  private CompletableFuture<DetachOutcome> askedAgain;

  @BeforeAll
  void aGuestForgets() {
    forgotten = forgottenBy(forgetful, plug);
    askedAgain = plug.detachAsync(forgetful.ref(), forgotten.volume(), DEADLINE);
  }

  @AfterAll
  void close() {
    guest.close();
    forgetful.close();
    plug.close();
  }

  /** The library, with its unplug requests counted. */
  private DiskPlug counting() {
    return DiskPlug.on(
        ForwardingDomain.hypervisor(
            lab,
            real ->
                new ForwardingDomain(real) {
                  @Override
                  public void detachDeviceByAlias(String alias, Set<View> scope)
                      throws FaultException {
                    if (scope.contains(LIVE)) {
                      requests.merge(uuid(), 1, Integer::sum);
                    }
                    super.detachDeviceByAlias(alias, scope);
                  }
                }),
        Options.defaults());
  }

  private int requests(Guest asked) {
    return requests.getOrDefault(asked.uuid(), 0);
  }

  private FileDisk disk() {
    return LabDisks.file(lab, 8 << 20);
  }

  private FileDisk attachedTo(Guest owner) {
    FileDisk disk = disk();
    assertThat(plug.attach(owner.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);
    owner.awaitDisk(disk.volumeId());
    return disk;
  }

  /** A detach that waits for a guest which is paused, and has been asked once. */
  private CompletableFuture<DetachOutcome> waitingDetach(Guest owner, FileDisk disk) {
    if (!lab.virsh("domstate", owner.name()).equals("paused")) {
      owner.pause();
    }
    requests.remove(owner.uuid());
    CompletableFuture<DetachOutcome> waiting =
        plug.detachAsync(owner.ref(), disk.volume(), DEADLINE);
    Awaitility.await("the guest is asked").until(() -> requests(owner) == 1);
    assertThat(waiting).isNotDone();
    return waiting;
  }

  /** What a waiting detach comes to when something happens, soon after it does. */
  private static DetachOutcome after(
      String what, CompletableFuture<DetachOutcome> waiting, Runnable event) throws Exception {
    assertThat(waiting).isNotDone();
    AtomicLong end = new AtomicLong();
    CompletableFuture<DetachOutcome> timed =
        waiting.whenComplete((outcome, problem) -> end.set(System.nanoTime()));
    long begin = System.nanoTime();
    event.run();
    DetachOutcome outcome = timed.get(SOON.toSeconds(), TimeUnit.SECONDS);
    System.out.printf(
        Locale.ROOT,
        "%s: %s %.2f s later%n",
        what,
        outcome.getClass().getSimpleName(),
        (end.get() - begin) / 1e9);
    return outcome;
  }

  private void isGone(Guest owner, FileDisk disk) {
    assertThat(owner.diskWithSerial(LIVE, disk.volumeId())).isEmpty();
    assertThat(owner.diskWithSerial(PERSISTENT, disk.volumeId())).isEmpty();
    owner.awaitNoDisk(disk.volumeId());
    assertThat(owner.askQemu("{\"execute\":\"query-named-block-nodes\"}"))
        .doesNotContain(disk.file().toString());
    assertThat(owner.xml(LIVE)).doesNotContain("urn:diskplug:unplug");
  }

  @Test
  void aGuestThatReleasesLateIsAskedOnce() throws Exception {
    FileDisk disk = attachedTo(guest);
    CompletableFuture<DetachOutcome> waiting = waitingDetach(guest, disk);
    Thread.sleep(4000);
    assertThat(waiting).isNotDone();
    assertThat(guest.diskWithSerial(LIVE, disk.volumeId())).isPresent();

    assertThat(after("resumed", waiting, guest::resume)).isInstanceOf(Detached.class);

    assertThat(requests(guest)).isEqualTo(1);
    isGone(guest, disk);
  }

  @Test
  void aGuestThatIsResetLetsGoOfItAlthoughItIsPausedIfAcpiUnplugs() throws Exception {
    FileDisk disk = attachedTo(guest);
    CompletableFuture<DetachOutcome> waiting = waitingDetach(guest, disk);

    if (lab.generation().q35PlugsNatively()) { // a reset does not end an unplug request there
      lab.virsh("reset", guest.name());
      Thread.sleep(SHORT.toMillis());
      assertThat(waiting).isNotDone();
      assertThat(after("powered off", waiting, guest::destroy)).isInstanceOf(Detached.class);
      guest.start();
    } else {
      DetachOutcome outcome = after("reset", waiting, () -> lab.virsh("reset", guest.name()));
      assertThat(outcome).isInstanceOf(Detached.class);
      guest.booting(guest::resume);
    }
    assertThat(requests(guest)).isEqualTo(1);
    isGone(guest, disk);
  }

  @Test
  void aDomainThatIsUndefinedGoesOnAsLongAsItRuns() throws Exception {
    FileDisk disk = attachedTo(guest);
    String definition = guest.xml(PERSISTENT);
    CompletableFuture<DetachOutcome> waiting = waitingDetach(guest, disk);
    lab.virsh("undefine", guest.name());
    Thread.sleep(1000);
    assertThat(waiting).isNotDone();

    assertThat(after("undefined, then resumed", waiting, guest::resume))
        .isInstanceOf(Detached.class);

    guest.awaitNoDisk(disk.volumeId());
    // The same domain again, for the tests that follow; its definition has the disk.
    define(definition);
    assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE)).isInstanceOf(Detached.class);
    isGone(guest, disk);
  }

  /** A machine whose processor stands still is enough for what follows. */
  private FileDisk pluggedInto(Guest machine) {
    FileDisk disk = disk();
    assertThat(plug.attach(machine.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);
    return disk;
  }

  @Test
  void aDomainThatIsPoweredOffHasNothing() throws Exception {
    try (Guest machine = Guest.startPaused(lab, "q35")) {
      FileDisk disk = pluggedInto(machine);
      CompletableFuture<DetachOutcome> waiting = waitingDetach(machine, disk);

      DetachOutcome outcome = after("powered off", waiting, machine::destroy);

      assertThat(outcome).isInstanceOf(Detached.class);
      assertThat(((Detached) outcome).proof()).isEqualTo(Proof.DAEMON);
      assertThat(machine.diskWithSerial(PERSISTENT, disk.volumeId())).isEmpty();
      machine.start();
      assertThat(machine.sees()).isEmpty();
      assertThat(machine.diskWithSerial(LIVE, disk.volumeId())).isEmpty();
    }
  }

  @Test
  void aDomainThatIsPoweredOffAndStartedAgainHasNothingEither() throws Exception {
    try (Guest machine = Guest.startPaused(lab, "q35")) {
      FileDisk disk = pluggedInto(machine);
      CompletableFuture<DetachOutcome> waiting = waitingDetach(machine, disk);

      DetachOutcome outcome =
          after(
              "powered off and started again",
              waiting,
              () -> {
                machine.destroy();
                lab.virsh("start", "--paused", machine.name());
              });

      assertThat(outcome).isInstanceOf(Detached.class);
      for (View view : View.values()) {
        assertThat(machine.diskWithSerial(view, disk.volumeId())).isEmpty();
      }
    }
  }

  /** It is in the persistent view again, although the guest was asked to release it. */
  @Test
  void aDiskThatSomebodyHasPutBackIsTakenOutOfTheDomainThatWasPoweredOff() throws Exception {
    try (Guest machine = Guest.startPaused(lab, "q35")) {
      FileDisk disk = pluggedInto(machine);
      String element = machine.diskElement(PERSISTENT, disk.volumeId());
      CompletableFuture<DetachOutcome> waiting = waitingDetach(machine, disk);
      machine.deviceOk("attach-device", element, "--config");

      DetachOutcome outcome = after("put back, then powered off", waiting, machine::destroy);

      assertThat(outcome).isInstanceOf(Detached.class);
      assertThat(machine.diskWithSerial(PERSISTENT, disk.volumeId())).isEmpty();
    }
  }

  @Test
  void aDomainThatIsGoneAltogetherIsNotCalledDetached() throws Exception {
    try (Guest machine = Guest.startPaused(lab, "q35")) {
      FileDisk disk = pluggedInto(machine);
      String definition = machine.xml(PERSISTENT);
      CompletableFuture<DetachOutcome> waiting = waitingDetach(machine, disk);
      lab.virsh("undefine", machine.name());

      DetachOutcome outcome = after("undefined, then powered off", waiting, machine::destroy);

      assertThat(outcome).isInstanceOf(Rejected.class);
      assertThat(((Rejected) outcome).reason()).isEqualTo(Rejected.Reason.DOMAIN_NOT_FOUND);
      // This one comes back, and has the disk.
      define(definition);
      assertThat(plug.detach(machine.ref(), disk.volume(), DEADLINE)).isInstanceOf(Detached.class);
      assertThat(machine.diskWithSerial(PERSISTENT, disk.volumeId())).isEmpty();
    }
  }

  private void define(String definition) {
    Path file = lab.file(Lab.unique("domain") + ".xml", 0);
    try {
      Files.writeString(file, definition);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    lab.virsh("define", file.toString());
  }

  /**
   * Asks a guest that is booting, which forgets it, with everything that then remembers it.
   *
   * @param asking asks with a short deadline
   */
  private FileDisk forgottenBy(Guest booting, DiskPlug asking) {
    FileDisk disk = attachedTo(booting);
    booting.destroy();
    requests.remove(booting.uuid());
    booting.booting(
        () -> {
          lab.virsh("start", booting.name());
          assertThat(asking.detach(booting.ref(), disk.volume(), SHORT))
              .isInstanceOf(Pending.class);
        });
    // It has booted, and has the disk.
    booting.awaitDisk(disk.volumeId());
    return disk;
  }

  @Test
  void whatABootingGuestHasForgottenIsCompletedByAnAttachOfAnotherProcess() {
    FileDisk disk;
    try (DiskPlug earlier = DiskPlug.connect(lab.uri())) {
      disk = forgottenBy(guest, earlier);
    }
    assertThat(guest.diskWithSerial(PERSISTENT, disk.volumeId())).isEmpty();

    AttachOutcome attached = plug.attach(guest.ref(), disk, DEADLINE);

    assertThat(attached).isInstanceOf(Attached.class);
    if (lab.generation().q35PlugsNatively()) {
      // The slot has kept the request, and the guest may have found it by now.
      assertThat(requests(guest)).isLessThan(2);
    } else {
      assertThat(requests(guest)).isEqualTo(1);
    }
    guest.awaitDisk(disk.volumeId());
    for (View view : View.values()) {
      assertThat(guest.diskWithSerial(view, disk.volumeId())).isPresent();
    }
    assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE)).isInstanceOf(Detached.class);
    isGone(guest, disk);
  }

  /** The same process leaves a guest alone for up to a minute: begun with the first test. */
  @Test
  @Order(Integer.MAX_VALUE)
  void whatABootingGuestHasForgottenIsAskedForAgain() throws Exception {
    DetachOutcome outcome = askedAgain.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);

    assertThat(outcome).isInstanceOf(Detached.class);
    assertThat(requests(forgetful)).isEqualTo(2);
    isGone(forgetful, forgotten);
  }

  private static String withoutAcpiHotPlug(String domain) {
    return domain
        .replace(
            "<domain type='qemu'>",
            "<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>")
        .replace(
            "</domain>",
            "<qemu:commandline><qemu:arg value='-global'/><qemu:arg"
                + " value='ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off'/>"
                + "</qemu:commandline></domain>");
  }

  /**
   * PCI Express hot-plug without ACPI: a press of the slot's attention button. The guest lets go
   * five seconds later, and QEMU refuses every other request until then.
   */
  @Test
  void aGuestWithNativeHotPlugRefusesWhileItIsBusy() throws Exception {
    try (Guest refusing = Guest.define(lab, "q35")) {
      if (!lab.generation().q35PlugsNatively()) {
        define(withoutAcpiHotPlug(refusing.xml(PERSISTENT)));
      }
      refusing.start();
      // libvirt alone: the second request is refused.
      FileDisk first = disk();
      assertThat(plug.attach(refusing.ref(), first, DEADLINE)).isInstanceOf(Attached.class);
      refusing.awaitDisk(first.volumeId());
      String alias = first.volume().identity().alias();
      lab.virsh("detach-device-alias", refusing.name(), alias, "--live", "--config");
      Lab.Result bare = lab.tryVirsh("detach-device-alias", refusing.name(), alias, "--live");
      assertThat(bare.exitCode()).isNotZero();
      assertThat(bare.output()).contains("already in the process of unplug");
      // The library neither gives up nor believes that it is done.
      DetachOutcome other = plug.detach(refusing.ref(), first.volume(), DEADLINE);
      assertThat(other).isInstanceOf(Detached.class);
      isGone(refusing, first);

      // Right after an attach the guest is busy with that, and QEMU refuses for a while.
      FileDisk second = disk();
      assertThat(plug.attach(refusing.ref(), second, DEADLINE)).isInstanceOf(Attached.class);
      DetachOutcome outcome = plug.detach(refusing.ref(), second.volume(), DEADLINE);
      assertThat(outcome).isInstanceOf(Detached.class);
      assertThat(outcome.observed().faults())
          .extracting(LibvirtFault::message)
          .allMatch(message -> message.contains("guest is busy"));
      isGone(refusing, second);
    }
  }
}
