// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.lab.ChildJvm;
import io.diskplug.lab.Guest;
import io.diskplug.lab.Lab;
import io.diskplug.lab.SecretHunt;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys stay secret, also when everything fails and everything is logged. */
class RbdSecretsIT {

  private final Lab lab = Lab.current();

  @ParameterizedTest
  @ValueSource(strings = {"CEPH_SECRET_UUID", "CEPH_WRONG_SECRET_UUID"})
  void noKeyIsInAnyOutput(String secret) {
    try (Guest guest = Guest.boot(lab, "pc")) {
      ChildJvm.Output output = ChildJvm.run(Attach.class, guest.name(), secret);

      assertThat(output.exitCode()).isZero();
      SecretHunt.assertNoSecretIn(lab, output.all());
      SecretHunt.assertNoSecretInLogsOf(lab);
      assertThat(output.all()).contains("AssertionFailedError");
    }
  }

  /**
   * librados prints a key that it cannot decode, in full: the probe must not give it one. The last
   * is the right one with something behind it.
   */
  @ParameterizedTest
  @CsvSource({
    "client.cinder.key, '', Ready",
    "wrong-ceph.key, '', ACCESS_DENIED",
    "client.cinder.key, '%', ACCESS_DENIED"
  })
  void norInThatOfAPreflight(String file, String more, String found) {
    try (Guest guest = Guest.boot(lab, "pc")) {
      ChildJvm.Output output = ChildJvm.run(Preflight.class, guest.name(), file, more);

      assertThat(output.exitCode()).isZero();
      SecretHunt.assertNoSecretIn(lab, output.all());
      assertThat(output.all()).contains("AssertionFailedError", found);
    }
  }

  @Test
  void theHuntFindsAKey() throws Exception {
    String key = Files.readString(Path.of(lab.get("CEPH_KEY_FILE")));
    assertThatThrownBy(() -> SecretHunt.assertNoSecretIn(lab, "key = " + key.strip()))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void theHuntFindsAKeyInAFile(@TempDir Path folder) throws Exception {
    Path log = Files.createDirectory(folder.resolve("log")).resolve("daemon.log");
    Files.writeString(log, "nothing");
    SecretHunt.assertNoSecretInFiles(lab, folder);

    Files.writeString(log, "key = " + Files.readString(Path.of(lab.get("CEPH_KEY_FILE"))));
    assertThatThrownBy(() -> SecretHunt.assertNoSecretInFiles(lab, folder))
        .isInstanceOf(AssertionError.class);
  }

  /** The other process. */
  static final class Attach {

    private Attach() {}

    public static void main(String[] arguments) {
      Lab lab = Lab.current();
      RbdImage image = LabCluster.image(lab, lab.get("CEPH_IMAGE"));
      SecretHunt.failLoudly(
          lab.uri(),
          arguments[0],
          () ->
              LabCluster.disk(lab, Lab.volumeId(), image)
                  .withAuth(LabCluster.auth(lab, arguments[1])));
    }
  }

  /** Another one, which asks the cluster first, with a key from a file and something behind it. */
  static final class Preflight {

    private Preflight() {}

    public static void main(String[] arguments) {
      Lab lab = Lab.current();
      Path key = lab.directory().resolve("secret").resolve(arguments[1]);
      RbdImage image = LabCluster.image(lab, lab.get("CEPH_IMAGE"));
      RbdLogin login =
          RbdLogin.key(
              lab.get("CEPH_USER"),
              () -> (ProbeFixture.read(key) + arguments[2]).getBytes(StandardCharsets.US_ASCII));
      try (RbdProbe probe = new ProbeFixture(lab).probe(login)) {
        System.out.println(login);
        SecretHunt.failLoudly(
            lab.uri(), arguments[0], () -> LabCluster.disk(lab, Lab.volumeId(), image), probe);
      }
    }
  }
}
