// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.domain.View;
import io.diskplug.lab.Guest;
import io.diskplug.lab.Lab;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Rejected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** An image that librbd decrypts: the guest sees what is inside, which is smaller. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RbdEncryptionIT {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int MEBIBYTES = 64;
  private static final long WHOLE = (long) MEBIBYTES << 20;

  private final Lab lab = Lab.current();
  private final DiskPlug plug = DiskPlug.connect(lab.uri());
  private final UUID secret = UUID.randomUUID();
  private RbdDisk disk;

  @BeforeAll
  void encrypt() throws IOException {
    String id = Lab.volumeId();
    disk =
        LabCluster.disk(lab, id, LabCluster.newImage(lab, id, MEBIBYTES))
            .withEncryption(new RbdEncryption(RbdEncryption.Format.LUKS, secret));
    byte[] random = new byte[18];
    new SecureRandom().nextBytes(random);
    Path passphrase = Files.createTempFile("passphrase", "");
    Path xml = Files.createTempFile("secret", ".xml");
    try {
      Files.writeString(passphrase, Base64.getEncoder().encodeToString(random));
      Files.writeString(
          xml,
          "<secret ephemeral='no' private='yes'><uuid>%s</uuid><usage type='volume'><volume>%s</volume></usage></secret>"
              .formatted(secret, id));
      lab.run("rbd", "encryption", "format", disk.image().path(), "luks1", passphrase.toString());
      lab.virsh("secret-define", xml.toString());
      lab.virsh("secret-set-value", secret.toString(), "--plain", "--file", passphrase.toString());
    } finally {
      Files.delete(passphrase);
      Files.delete(xml);
    }
  }

  @AfterAll
  void close() {
    plug.close();
    lab.virsh("secret-undefine", secret.toString());
  }

  private void guestSeesWhatIsInside(Guest guest) {
    assertThat(guest.awaitDisk(disk.volumeId()).size()).isBetween(1L, WHOLE - 1);
    assertThat(plug.attach(guest.ref(), disk, LONG))
        .isInstanceOfSatisfying(
            AlreadyAttached.class, already -> assertThat(already.differences()).isEmpty());
    assertThat(plug.detach(guest.ref(), disk.volume(), LONG)).isInstanceOf(Detached.class);
  }

  /** libvirt does not know the engine, says nothing, and lets QEMU decrypt. */
  private void saysThatTheEngineIsAnother(Guest guest, AttachOutcome outcome) {
    assertThat(outcome).isInstanceOf(Indeterminate.class);
    Indeterminate other = (Indeterminate) outcome;
    assertThat(other.reason()).isEqualTo(Indeterminate.Reason.NOT_AS_PLANNED);
    assertThat(other.explanation()).contains("expected luks librbd, found luks");
    assertThat(plug.detach(guest.ref(), disk.volume(), LONG)).isInstanceOf(Detached.class);
  }

  @Test
  void aGuestThatIsStartedWithIt() {
    try (Guest guest = Guest.define(lab, "q35")) {
      AttachOutcome outcome = plug.attach(guest.ref(), disk, LONG);
      if (!lab.generation().encryptionHasAnEngine()) {
        saysThatTheEngineIsAnother(guest, outcome);
        return;
      }
      assertThat(outcome).isInstanceOf(Attached.class);
      guest.start();

      guestSeesWhatIsInside(guest);
    }
  }

  /**
   * libvirt 9.0 hands the passphrase over when it is too late. It must not come to more than that.
   */
  @Test
  void aGuestThatRunsHasItOrNothingIsChanged() {
    try (Guest guest = Guest.boot(lab, "q35")) {
      String live = guest.xml(View.LIVE);
      String persistent = guest.xml(View.PERSISTENT);

      AttachOutcome outcome = plug.attach(guest.ref(), disk, LONG);

      if (outcome instanceof Rejected rejected) {
        assertThat(rejected.reason()).isEqualTo(Rejected.Reason.BAD_REQUEST);
        assertThat(rejected.explanation()).contains(disk.volumeId(), "No secret with id");
        assertThat(guest.xml(View.LIVE)).isEqualTo(live);
        assertThat(guest.xml(View.PERSISTENT)).isEqualTo(persistent);
        assertThat(plug.detach(guest.ref(), disk.volume(), LONG))
            .isInstanceOf(AlreadyDetached.class);
      } else if (!lab.generation().encryptionHasAnEngine()) {
        saysThatTheEngineIsAnother(guest, outcome);
      } else {
        assertThat(outcome).isInstanceOf(Attached.class);
        guestSeesWhatIsInside(guest);
      }
    }
  }
}
