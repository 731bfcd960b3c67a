// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import io.diskplug.outcome.SecretFailedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A key that the library gave to libvirt is the one that QEMU logs in with. */
class CephxSecretIT {

  private static final Duration LONG = Duration.ofSeconds(30);

  private final Lab lab = Lab.current();
  private final DiskPlug plug = DiskPlug.connect(lab.uri());
  private final String usage = Lab.unique("cephx secret");
  private static Guest guest;

  @BeforeAll
  static void boot() {
    guest = Guest.boot(Lab.current(), "q35");
  }

  @AfterAll
  static void remove() {
    guest.close();
  }

  @AfterEach
  void close() {
    boolean unused = plug.secrets().remove(rightKey().usage(), LONG);
    plug.close();
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CephxSecret secret(Lab lab, String usage, String key) {
    Path file =
        key.equals("right")
            ? Path.of(lab.get("CEPH_KEY_FILE"))
            : lab.directory().resolve("secret/wrong-ceph.key");
    return CephxSecret.of(usage, () -> read(file));
  }

  private CephxSecret rightKey() {
    return secret(lab, usage, "right");
  }

  private CephxSecret wrongKey() {
    return secret(lab, usage, "wrong");
  }

  private RbdDisk newDisk(SecretRef secret) {
    String id = Lab.volumeId();
    return LabCluster.disk(lab, id, LabCluster.newImage(lab, id, 8))
        .withAuth(new CephAuth(lab.get("CEPH_USER"), secret));
  }

  private AttachOutcome attach(RbdDisk disk) {
    return plug.attach(guest.ref(), disk, LONG);
  }

  private void assertAttaches(RbdDisk disk) {
    assertThat(attach(disk)).isInstanceOf(Attached.class);
    assertThat(plug.detach(guest.ref(), disk.volume(), LONG)).isInstanceOf(Detached.class);
  }

  @Test
  void aDiskIsAttachedWithTheKeyByUuidAndByUsage() {
    UUID uuid = UUID.randomUUID();

    SecretRef secret = plug.secrets().ensure(rightKey().withUuid(uuid), LONG);

    assertThat(secret.byUuid().orElseThrow()).isEqualTo(uuid);
    assertAttaches(newDisk(secret));
    assertAttaches(newDisk(SecretRef.usage(usage)));
    // Another client sees the secret, and not what it holds.
    assertThat(lab.virsh("secret-dumpxml", uuid.toString())).contains("private='yes'", usage);
    assertThat(lab.tryVirsh("secret-get-value", uuid.toString()).output())
        .contains("secret is private");
  }

  @Test
  void aWrongKeyIsRefusedByTheClusterUntilItIsRotated() {
    SecretRef secret = plug.secrets().ensure(wrongKey(), LONG);
    RbdDisk disk = newDisk(secret);

    assertThat(attach(disk))
        .isInstanceOfSatisfying(
            Rejected.class,
            rejected -> assertThat(rejected.reason()).isEqualTo(Rejected.Reason.ACCESS_DENIED));

    assertThat(plug.secrets().ensure(rightKey(), LONG)).isEqualTo(secret);
    assertAttaches(disk);
  }

  @Test
  void anEphemeralKeyServesAsWell() {
    assertAttaches(newDisk(plug.secrets().ensure(rightKey().withEphemeral(true), LONG)));
  }

  @Test
  void aDiskThatIsAttachedDoesNotNeedTheSecretAnyMore() {
    RbdDisk disk = newDisk(plug.secrets().ensure(rightKey(), LONG));
    assertThat(attach(disk)).isInstanceOf(Attached.class);

    assertThat(plug.secrets().remove(rightKey().usage(), LONG)).isTrue();
    assertThat(plug.secrets().remove(rightKey().usage(), LONG)).isFalse();

    assertThat(plug.detach(guest.ref(), disk.volume(), LONG)).isInstanceOf(Detached.class);
    assertThat(attach(disk))
        .isInstanceOfSatisfying(
            Rejected.class,
            rejected -> assertThat(rejected.reason()).isEqualTo(Rejected.Reason.ACCESS_DENIED));
  }

  @Test
  void anotherUuidIsAConflict() {
    SecretRef secret = plug.secrets().ensure(rightKey(), LONG);

    assertThatThrownBy(() -> plug.secrets().ensure(wrongKey().withUuid(UUID.randomUUID()), LONG))
        .isInstanceOfSatisfying(
            SecretFailedException.class,
            failure ->
                assertThat(failure.reason()).isEqualTo(SecretFailedException.Reason.CONFLICT));

    assertAttaches(newDisk(secret));
  }

  @Test
  void noKeyIsInAnyOutput() {
    ChildJvm.Output output = ChildJvm.run(EnsureLoudly.class, usage);

    assertThat(output.exitCode()).as(output.stderr()).isZero();
    assertThat(output.all()).contains("CephxSecret[", "is no cephx key", "CONFLICT");
    SecretHunt.assertNoSecretIn(lab, output.all());
  }

  /** The other process: all that can be said about secrets is said. */
  static final class EnsureLoudly {

    private EnsureLoudly() {}

    public static void main(String[] arguments) {
      Lab lab = Lab.current();
      String usage = arguments[0];
      try (DiskPlug plug = DiskPlug.connect(lab.uri())) {
        for (String key : new String[] {"wrong", "right"}) {
          CephxSecret secret = secret(lab, usage, key);
          System.out.println(secret + ": " + plug.secrets().ensure(secret, LONG));
        }
        // Twice in a row it is no key any more, and the hunt would find it all the same.
        CephxSecret broken =
            CephxSecret.of(usage, () -> twice(read(Path.of(lab.get("CEPH_KEY_FILE")))));
        fail(() -> plug.secrets().ensure(broken, LONG));
        fail(
            () ->
                plug.secrets().ensure(secret(lab, usage, "right").withUuid(new UUID(1, 1)), LONG));
        fail(() -> plug.secrets().ensure(secret(lab, usage, "right"), Duration.ofNanos(1)));
      }
    }

    private static byte[] twice(byte[] key) {
      byte[] both = new byte[2 * key.length];
      System.arraycopy(key, 0, both, 0, key.length);
      System.arraycopy(key, 0, both, key.length, key.length);
      return both;
    }

    private static void fail(Runnable request) {
      try {
        request.run();
        throw new AssertionError("it should have failed");
      } catch (IllegalArgumentException | SecretFailedException e) {
        e.printStackTrace(System.out);
      }
    }
  }
}
