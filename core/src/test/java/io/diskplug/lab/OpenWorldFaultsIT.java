// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.disk.DiskOptions;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Attempts;
import io.diskplug.outcome.Changed;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What passes, what does not, and what lasts: each test shows libvirt's answer with virsh first,
 * and then the library's.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenWorldFaultsIT {

  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofSeconds(4);
  private static final long SIZE = 8 << 20;

  private final Lab lab = Lab.current();
  private final DiskPlug plug = DiskPlug.connect(lab.uri());

  @AfterAll
  void close() {
    plug.close();
  }

  private FileDisk attached(Guest guest) {
    FileDisk disk = LabDisks.file(lab, SIZE, DiskOptions.DEFAULTS);
    assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);
    return disk;
  }

  private Path written(String text) {
    try {
      return Files.writeString(lab.file(Lab.unique("text") + ".xml", 0), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static <T> T expect(Class<T> type, Object outcome) {
    assertThat(outcome).isInstanceOf(type);
    return type.cast(outcome);
  }

  @Test
  void aDiskThatIsBackedUpIsNotDetachedNow() {
    try (Guest guest = Guest.boot(lab, "pc")) {
      FileDisk disk = attached(guest);
      String target = guest.diskWithSerial(LIVE, disk.volumeId()).orElseThrow().targetDev();
      Path backup =
          written(
              """
              <domainbackup mode='pull'>
                <server transport='unix' socket='%s'/>
                <disks>
                  <disk name='%s' backup='yes' type='file'><scratch file='%s'/></disk>
                </disks>
              </domainbackup>
              """
                  .formatted(
                      lab.directory().resolve("files/" + Lab.unique("nbd")),
                      target,
                      lab.directory().resolve("files/" + Lab.unique("scratch") + ".qcow2")));
      if (!lab.beginsBackup(guest.name(), backup)) {
        return;
      }

      Unavailable later = expect(Unavailable.class, plug.detach(guest.ref(), disk.volume(), SHORT));
      lab.resize(disk.file(), 2 * SIZE);
      Unavailable grow =
          expect(Unavailable.class, plug.grow(guest.ref(), disk.volume(), 2 * SIZE, SHORT));

      assertThat(later.reason()).isEqualTo(Unavailable.Reason.DOMAIN_BUSY);
      assertThat(later.toString()).contains("already in active block job", "what helps is time");
      assertThat(later.observed().attempts().map(Attempts::times).orElseThrow()).isGreaterThan(1);
      assertThat(grow.reason()).isEqualTo(Unavailable.Reason.DOMAIN_BUSY);
      assertThat(guest.diskWithSerial(PERSISTENT, disk.volumeId())).isPresent();

      lab.virsh("domjobabort", guest.name());
      expect(Changed.class, plug.grow(guest.ref(), disk.volume(), 2 * SIZE, DEADLINE));
      expect(Detached.class, plug.detach(guest.ref(), disk.volume(), DEADLINE));
    }
  }

  @Test
  void aDiskOnABusWithoutHotPlugIsFinal() {
    try (Guest guest = Guest.define(lab, "q35")) {
      FileDisk disk = attached(guest);
      String element = guest.diskElement(PERSISTENT, disk.volumeId());
      String moved =
          element.replaceAll(
              "<address type='pci'[^>]*/>", "<address type='pci' bus='0' slot='0x0e'/>");
      lab.virsh("detach-device", guest.name(), written(element).toString(), "--config");
      lab.virsh("attach-device", guest.name(), written(moved).toString(), "--config");
      guest.start();

      Rejected outcome = expect(Rejected.class, plug.detach(guest.ref(), disk.volume(), DEADLINE));

      assertThat(outcome.explanation())
          .contains("Bus 'pcie.0' does not support hotplugging", "shut the domain off");
      assertThat(guest.diskWithSerial(PERSISTENT, disk.volumeId())).isPresent();
      assertThat(guest.xml(LIVE)).doesNotContain("urn:diskplug:unplug");

      guest.destroy();
      expect(Detached.class, plug.detach(guest.ref(), disk.volume(), DEADLINE));
    }
  }

  @Test
  void aGuestThatWasAskedBeforeItHadBootedIsResetInTheEnd() {
    try (Guest guest = Guest.define(lab, "pc")) {
      lab.virsh("start", guest.name(), "--paused");
      FileDisk disk = attached(guest);
      Pending paused =
          expect(Pending.class, plug.detach(guest.ref(), disk.volume(), Duration.ofSeconds(3)));
      assertThat(paused.waitingFor()).isEqualTo(Pending.WaitingFor.PAUSED_GUEST);
      assertThat(paused.toString()).contains("virsh resume");
      guest.booting(guest::resume);

      DetachOutcome outcome = plug.detach(guest.ref(), disk.volume(), Duration.ofSeconds(80));

      if (!lab.facts().repetitionIsRefusedAfterBoot()) {
        // A guest that is quick has released the disk before it is asked again.
        assertThat(outcome.isDetached()).as(outcome.toString()).isTrue();
        return;
      }
      // The guest does not answer, and QEMU takes no further request.
      Pending pending = expect(Pending.class, outcome);
      Attempts attempts = pending.observed().attempts().orElseThrow();
      assertThat(pending.waitingFor()).isEqualTo(Pending.WaitingFor.GUEST);
      assertThat(attempts.times()).isGreaterThan(1);
      assertThat(attempts.since()).isGreaterThan(Duration.ofSeconds(60));
      assertThat(attempts.lastAnswer().orElseThrow()).contains("already in the process of unplug");
      assertThat(pending.toString()).contains("before it had booted", "virsh reset");

      lab.virsh("reset", guest.name());
      expect(Detached.class, plug.detach(guest.ref(), disk.volume(), DEADLINE));
    }
  }

  @Test
  void aDumpKeepsAChangeFromBeingSent() {
    try (Guest guest = Guest.boot(lab, "pc")) {
      FileDisk disk = LabDisks.file(lab, SIZE, DiskOptions.DEFAULTS);
      try (LabDump dump = LabDump.begin(lab, guest.name())) {
        assertThat(dump).isNotNull();
        long begin = System.nanoTime();

        Unavailable later = expect(Unavailable.class, plug.attach(guest.ref(), disk, SHORT));

        assertThat(later.reason()).isEqualTo(Unavailable.Reason.DOMAIN_BUSY);
        assertThat(later.explanation()).contains("the end of a dump");
        assertThat(System.nanoTime() - begin).isLessThan(Duration.ofSeconds(10).toNanos());
      }
      expect(Attached.class, plug.attach(guest.ref(), disk, DEADLINE));
    }
  }
}
