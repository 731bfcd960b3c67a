// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.disk.SecretRef;
import io.diskplug.lab.ChildJvm;
import io.diskplug.lab.Guest;
import io.diskplug.lab.Lab;
import io.diskplug.lab.SecretHunt;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Rejected;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A password that the library gave to libvirt is the one that QEMU logs in with. */
class ChapSecretIT {

  private static final Duration LONG = Duration.ofSeconds(30);

  private final Lab lab = Lab.current();

  private static ChapSecret secret(Lab lab, String usage, String password) {
    Path file =
        password.equals("right")
            ? Path.of(lab.get("ISCSI_CHAP_PASSWORD_FILE"))
            : lab.directory().resolve("secret/wrong-chap.password");
    return ChapSecret.of(
        usage,
        () -> {
          try {
            return Files.readAllBytes(file);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private AttachOutcome attach(DiskPlug plug, Guest guest, IscsiDisk disk, SecretRef secret) {
    return plug.attach(
        guest.ref(), disk.withAuth(new ChapAuth(lab.get("ISCSI_CHAP_USER"), secret)), LONG);
  }

  @Test
  void aWrongPasswordIsRefusedByTheTargetUntilItIsRotated() {
    String usage = Lab.unique("chap secret");
    ChapSecret right = secret(lab, usage, "right");
    IscsiDisk disk = LabTarget.CHAP.disk(lab, Lab.volumeId(), LabTarget.CHAP.newLun(lab, 8));
    try (DiskPlug plug = DiskPlug.connect(lab.uri());
        Guest guest = Guest.boot(lab, "pc")) {
      SecretRef secret = plug.secrets().ensure(secret(lab, usage, "wrong"), LONG);
      assertThat(attach(plug, guest, disk, secret))
          .isInstanceOfSatisfying(
              Rejected.class,
              rejected -> assertThat(rejected.reason()).isEqualTo(Rejected.Reason.ACCESS_DENIED));

      assertThat(plug.secrets().ensure(right, LONG)).isEqualTo(secret);
      for (SecretRef name : new SecretRef[] {secret, SecretRef.usage(usage)}) {
        assertThat(attach(plug, guest, disk, name)).isInstanceOf(Attached.class);
        assertThat(plug.detach(guest.ref(), disk.volume(), LONG)).isInstanceOf(Detached.class);
      }
      assertThat(plug.secrets().remove(right.usage(), LONG)).isTrue();
    }
  }

  @Test
  void noPasswordIsInAnyOutput() {
    ChildJvm.Output output = ChildJvm.run(EnsureLoudly.class, Lab.unique("chap secret"));

    assertThat(output.exitCode()).as(output.stderr()).isZero();
    assertThat(output.all()).contains("ChapSecret[");
    SecretHunt.assertNoSecretIn(lab, output.all());
  }

  /** The other process: all that can be said about a secret is said. */
  static final class EnsureLoudly {

    private EnsureLoudly() {}

    public static void main(String[] arguments) {
      Lab lab = Lab.current();
      ChapSecret secret = secret(lab, arguments[0], "right");
      try (DiskPlug plug = DiskPlug.connect(lab.uri())) {
        System.out.println(secret + ": " + plug.secrets().ensure(secret, LONG));
        System.out.println(plug.secrets().remove(secret.usage(), LONG));
      }
    }
  }
}
