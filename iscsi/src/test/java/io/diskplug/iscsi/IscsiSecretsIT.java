// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.lab.ChildJvm;
import io.diskplug.lab.Guest;
import io.diskplug.lab.Lab;
import io.diskplug.lab.SecretHunt;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Passwords stay secret, also when everything fails and everything is logged. */
class IscsiSecretsIT {

  private final Lab lab = Lab.current();

  @ParameterizedTest
  @ValueSource(strings = {"ISCSI_CHAP_SECRET_UUID", "ISCSI_CHAP_WRONG_SECRET_UUID"})
  void noPasswordIsInAnyOutput(String secret) {
    try (Guest guest = Guest.boot(lab, "pc")) {
      ChildJvm.Output output = ChildJvm.run(Attach.class, guest.name(), secret);

      assertThat(output.exitCode()).isZero();
      SecretHunt.assertNoSecretIn(lab, output.all());
      SecretHunt.assertNoSecretInLogsOf(lab);
      assertThat(output.all()).contains("AssertionFailedError");
    }
  }

  @ParameterizedTest
  @CsvSource({"chap.password, Ready", "wrong-chap.password, ACCESS_DENIED"})
  void norInThatOfAPreflight(String file, String found) {
    try (Guest guest = Guest.boot(lab, "pc")) {
      ChildJvm.Output output = ChildJvm.run(Preflight.class, guest.name(), file);

      assertThat(output.exitCode()).isZero();
      SecretHunt.assertNoSecretIn(lab, output.all());
      assertThat(output.all()).contains("AssertionFailedError", found);
    }
  }

  /** The other process. */
  static final class Attach {

    private Attach() {}

    public static void main(String[] arguments) {
      Lab lab = Lab.current();
      SecretHunt.failLoudly(
          lab.uri(),
          arguments[0],
          () ->
              LabTarget.CHAP
                  .disk(lab, Lab.volumeId(), LabTarget.CHAP.lun(lab, 1))
                  .withAuth(LabTarget.auth(lab, arguments[1])));
    }
  }

  /** Another one, which asks the target first, with a password from a file. */
  static final class Preflight {

    private Preflight() {}

    public static void main(String[] arguments) {
      Lab lab = Lab.current();
      Path password = lab.directory().resolve("secret").resolve(arguments[1]);
      try (IscsiProbe probe =
          IscsiProbe.create(
              (target, auth) ->
                  Optional.of(LabTarget.password(password).getBytes(StandardCharsets.UTF_8)))) {
        SecretHunt.failLoudly(
            lab.uri(),
            arguments[0],
            () -> LabTarget.CHAP.disk(lab, Lab.volumeId(), LabTarget.CHAP.lun(lab, 1)),
            probe);
      }
    }
  }
}
