// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.View;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Unavailable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A process that asks a guest for a disk and ends, and another one that comes after it. */
class IntentIT {

  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofSeconds(2);

  /** A process that has just begun takes seconds for its first request on a busy machine. */
  private static final Duration NEW_PROCESS = Duration.ofSeconds(12);

  private final Lab lab = Lab.current();
  private final DiskPlug plug = DiskPlug.connect(lab.uri());
  private Guest guest;
  private FileDisk disk;

  @BeforeEach
  void attachedToAPausedGuest() {
    guest = Guest.boot(lab, "q35");
    String id = Lab.volumeId();
    disk = new FileDisk(id, lab.file(id + ".img", 8 << 20), DiskOptions.DEFAULTS);
    assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);
    guest.awaitDisk(id);
    guest.pause();
  }

  @AfterEach
  void close() {
    guest.close();
    plug.close();
  }

  /** Another process, which is killed while the guest still has the disk. */
  private void elsewhere() {
    ChildJvm.Output output =
        ChildJvm.run(
            Elsewhere.class, lab.uri(), guest.name(), disk.volumeId(), disk.file().toString());
    assertThat(output.exitCode()).as(output.all()).isEqualTo(Elsewhere.KILLED);
  }

  @Test
  void anAttachCompletesTheUnplugThatAnotherProcessHasRequested() throws Exception {
    elsewhere();

    // The guest may release the disk as soon as it runs: it is not attached, although it is there.
    AttachOutcome early = plug.attach(guest.ref(), disk, SHORT);
    assertThat(early).isInstanceOf(Unavailable.class);
    assertThat(((Unavailable) early).reason()).isEqualTo(Unavailable.Reason.UNPLUG_IN_PROGRESS);

    CompletableFuture<AttachOutcome> attaching = plug.attachAsync(guest.ref(), disk, DEADLINE);
    guest.resume();

    assertThat(attaching.get()).isInstanceOf(Attached.class);
    guest.awaitDisk(disk.volumeId());
    for (View view : View.values()) {
      assertThat(guest.diskWithSerial(view, disk.volumeId())).isPresent();
    }
    assertThat(guest.xml(View.LIVE)).doesNotContain("urn:diskplug:unplug");
    assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE)).isInstanceOf(Detached.class);
    guest.awaitNoDisk(disk.volumeId());
  }

  @Test
  void aDetachGoesOnWithIt() {
    elsewhere();

    DetachOutcome early = plug.detach(guest.ref(), disk.volume(), SHORT);
    assertThat(early).isInstanceOf(Pending.class);
    assertThat(((Pending) early).waitingFor()).isEqualTo(Pending.WaitingFor.PAUSED_GUEST);
    assertThat(guest.xml(View.LIVE)).contains("urn:diskplug:unplug");
    guest.resume();

    // Already, if the guest was faster than the next look.
    assertThat(plug.await((Pending) early, DEADLINE).isDetached()).isTrue();
    guest.awaitNoDisk(disk.volumeId());
    assertThat(guest.xml(View.LIVE)).doesNotContain("urn:diskplug:unplug");
    assertThat(guest.xml(View.PERSISTENT)).doesNotContain("urn:diskplug:unplug");
  }

  @Test
  void anotherStartOfTheGuestKnowsNothingOfIt() {
    elsewhere();
    guest.destroy();
    guest.start();

    assertThat(guest.xml(View.LIVE)).doesNotContain("urn:diskplug:unplug");
    assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);
    guest.awaitDisk(disk.volumeId());
  }

  /** The process that is killed. */
  static final class Elsewhere {

    static final int KILLED = 137;

    private Elsewhere() {}

    public static void main(String[] arguments) {
      FileDisk disk = new FileDisk(arguments[2], Path.of(arguments[3]), DiskOptions.DEFAULTS);
      DetachOutcome outcome =
          DiskPlug.connect(arguments[0])
              .detach(DomainRef.name(arguments[1]), disk.volume(), NEW_PROCESS);
      System.out.println(outcome);
      Runtime.getRuntime().halt(outcome instanceof Pending ? KILLED : 1);
    }
  }
}
