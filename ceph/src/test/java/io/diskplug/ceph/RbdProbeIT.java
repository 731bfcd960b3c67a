// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static io.diskplug.ceph.ProbeFixture.assertReady;
import static io.diskplug.ceph.ProbeFixture.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.HostPort;
import io.diskplug.lab.AloneOnTheLab;
import io.diskplug.lab.ChildJvm;
import io.diskplug.lab.Guest;
import io.diskplug.lab.Lab;
import io.diskplug.outcome.Attached;
import io.diskplug.spi.StorageProbe.Ready;
import io.diskplug.spi.StorageProbe.Reason;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a real cluster says to a probe. */
@AloneOnTheLab
class RbdProbeIT {

  private static final Duration BUDGET = Duration.ofSeconds(2);
  private static final Duration GRACE = Duration.ofMillis(500);
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final int MEBIBYTES = 8;
  private static final long SIZE = (long) MEBIBYTES << 20;

  private final Lab lab = Lab.current();
  private final ProbeFixture fixture = new ProbeFixture(lab);
  private final RbdProbe probe = fixture.probe(fixture.rightKey());

  @AfterEach
  void close() {
    probe.close();
  }

  private RbdDisk newDisk() {
    return fixture.newDisk(MEBIBYTES);
  }

  private RbdDisk disk(RbdImage image) {
    return LabCluster.disk(lab, Lab.volumeId(), image);
  }

  @Test
  void anImageThatNobodyUsesIsReadyAndHasItsSize() {
    RbdDisk disk = newDisk();

    assertThat(probe.answersFor(disk)).isTrue();
    assertReady(probe.beforeAttach(disk, LONG), SIZE);
    assertThat(RbdHolder.watchers(lab, disk.image())).as("the probe is no watcher").isZero();
  }

  @Test
  void anImageInANamespaceIsReady() {
    String name = Lab.unique("image");
    RbdImage image = LabCluster.image(lab, name).inNamespace(lab.get("CEPH_NAMESPACE"));
    lab.run("rbd", "create", image.path(), "--size", MEBIBYTES + "M");

    assertReady(probe.beforeAttach(disk(image), LONG), SIZE);
  }

  @Test
  void whatIsMissingIsToldApart() {
    String pool = lab.get("CEPH_POOL");
    RbdImage image = LabCluster.image(lab, "no-such-image");

    assertThat(assertRefused(probe.beforeAttach(disk(image), LONG), Reason.NOT_FOUND))
        .contains("no image " + pool + "/no-such-image");
    assertThat(
            assertRefused(
                probe.beforeAttach(
                    disk(RbdImage.of(image.cluster(), "no-such-pool", "image")), LONG),
                Reason.NOT_FOUND))
        .contains("no pool no-such-pool");
    assertThat(
            assertRefused(
                probe.beforeAttach(disk(image.inNamespace("no-such-namespace")), LONG),
                Reason.NOT_FOUND))
        .contains("no namespace " + pool + "/no-such-namespace");
    assertThat(
            assertRefused(
                probe.beforeAttach(disk(image.inNamespace(lab.get("CEPH_NAMESPACE"))), LONG),
                Reason.NOT_FOUND))
        .contains("no image " + pool + "/" + lab.get("CEPH_NAMESPACE") + "/no-such-image");
  }

  @Test
  void aWrongKeyAMissingKeyAndNoKeyAreRefused() {
    RbdDisk disk = newDisk();
    Path wrong = lab.directory().resolve("secret/wrong-ceph.key");
    for (RbdLogin login :
        List.of(
            fixture.key(wrong),
            RbdLogin.key(lab.get("CEPH_USER"), () -> bytes("no base64 at all")),
            RbdLogin.key("no-such-user", fixture.keyOf(Path.of(lab.get("CEPH_KEY_FILE")))),
            RbdLogin.none())) {
      try (RbdProbe refused = fixture.probe(login)) {
        String explanation = assertRefused(refused.beforeAttach(disk, LONG), Reason.ACCESS_DENIED);
        assertThat(explanation)
            .doesNotContain("no base64 at all")
            .doesNotContain(ProbeFixture.read(wrong));
      }
    }
  }

  @Test
  void aUserWhoMayNotUseThePoolIsRefused() throws Exception {
    String user = Lab.unique("elsewhere");
    Path keyring = Files.createTempFile("probe", ".keyring");
    try {
      Files.writeString(keyring, fixture.userOfPool(user, "another-pool") + "\n");
      RbdLogin login = RbdLogin.keyring(user, keyring);
      try (RbdProbe poor = fixture.probe(login)) {
        assertThat(assertRefused(poor.beforeAttach(newDisk(), LONG), Reason.ACCESS_DENIED))
            .contains("may not use", "client." + user);
      }
    } finally {
      Files.delete(keyring);
    }
  }

  @Test
  void aKeyringAndAConfigurationDoAsWellAndAreNamedWhereTheyAreMissing() throws Exception {
    RbdDisk disk = newDisk();
    Path keyring = Files.createTempFile("probe", ".keyring");
    Path conf = Files.createTempFile("probe", ".conf");
    try {
      Files.writeString(
          keyring,
          "[client."
              + lab.get("CEPH_USER")
              + "]\n  key = "
              + ProbeFixture.read(Path.of(lab.get("CEPH_KEY_FILE")))
              + "\n");
      Files.writeString(
          conf, "[global]\nmon host = " + fixture.monitor() + "\nkeyring = " + keyring + "\n");
      RbdDisk lost =
          new RbdDisk(disk.volumeId(), disk.image(), List.of(dead()), disk.auth(), disk.options());
      try (RbdProbe byKeyring = fixture.probe(RbdLogin.keyring(lab.get("CEPH_USER"), keyring));
          RbdProbe byConf = fixture.probe(RbdLogin.conf(lab.get("CEPH_USER"), conf))) {
        assertReady(byKeyring.beforeAttach(disk, LONG), SIZE);
        assertReady(byConf.beforeAttach(lost, LONG), SIZE);
      }
    } finally {
      Files.delete(keyring);
      Files.delete(conf);
    }
    for (RbdLogin login :
        List.of(RbdLogin.keyring("cinder", keyring), RbdLogin.conf("cinder", conf))) {
      try (RbdProbe missing = fixture.probe(login)) {
        assertThat(assertRefused(missing.beforeAttach(disk, LONG), Reason.CANNOT_ASK))
            .contains(login.file().orElseThrow().toString());
      }
    }
  }

  private static HostPort dead() {
    return new HostPort("127.0.0.9", 6789);
  }

  private void assertUnreachableInTime(HostPort monitor) {
    RbdDisk disk = newDisk();
    RbdDisk unreachable =
        new RbdDisk(disk.volumeId(), disk.image(), List.of(monitor), disk.auth(), disk.options());
    for (int i = 0; i < 2; i++) {
      long start = System.nanoTime();
      assertRefused(probe.beforeAttach(unreachable, BUDGET), Reason.UNREACHABLE);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(BUDGET.plus(GRACE));
    }
    assertReady(probe.beforeAttach(disk, LONG), SIZE);
  }

  @Test
  void a1MonitorThatNobodyIsAt() {
    assertUnreachableInTime(dead());
  }

  @Test
  void a1MonitorThatAcceptsAndIsSilent() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      assertUnreachableInTime(new HostPort("127.0.0.1", silent.getLocalPort()));
    }
  }

  @Test
  void a1MonitorWithoutAnAddress() {
    assertUnreachableInTime(new HostPort("no-such-host.invalid", 6789));
  }

  @Test
  void oneLivingMonitorOfFiveWillDo() {
    RbdDisk disk = newDisk();
    List<HostPort> monitors = new ArrayList<>();
    for (int i = 9; i < 13; i++) {
      monitors.add(new HostPort("127.0.0." + i, 6789));
    }
    monitors.addAll(disk.monitors());
    RbdDisk five =
        new RbdDisk(disk.volumeId(), disk.image(), monitors, disk.auth(), disk.options());

    assertReady(probe.beforeAttach(five, BUDGET), SIZE);
  }

  @Test
  void anImageThatAnotherClientHasOpenIsInUseAlsoAfterTheClientWasKilled() {
    RbdDisk disk = newDisk();
    try (ChildJvm.Running holder = RbdHolder.hold(lab, disk.image())) {
      assertThat(assertRefused(probe.beforeAttach(disk, LONG), Reason.IN_USE))
          .contains(disk.image().path(), "127.0.0.1:0/", "30 s");
      assertThat(probe.afterAttach(disk, LONG)).isInstanceOf(Ready.class);
      RbdDisk shareable = disk.withOptions(DiskOptions.DEFAULTS.withShareable(true));
      assertReady(probe.beforeAttach(shareable, LONG), SIZE);
      RbdDisk readOnly = disk.withOptions(DiskOptions.DEFAULTS.withReadOnly(true));
      assertReady(probe.beforeAttach(readOnly, LONG), SIZE);

      try (ChildJvm.Running second = RbdHolder.hold(lab, disk.image())) {
        assertThat(assertRefused(probe.afterAttach(disk, LONG), Reason.IN_USE))
            .contains("another host");
        assertThat(probe.afterAttach(shareable, LONG)).isInstanceOf(Ready.class);
        assertThat(second.isAlive()).isTrue();
      }

      holder.kill();
      assertThat(assertRefused(probe.beforeAttach(disk, LONG), Reason.IN_USE)).contains("30 s");
    }
  }

  @Test
  void qemuIsOneWatcher() {
    RbdDisk disk = newDisk();
    Guest guest = Guest.boot(lab, "pc");
    try (DiskPlug plug = DiskPlug.connect(lab.uri())) {
      assertReady(probe.beforeAttach(disk, LONG), SIZE);
      assertThat(plug.attach(guest.ref(), disk, LONG)).isInstanceOf(Attached.class);

      assertReady(probe.afterAttach(disk, LONG), SIZE);
      assertRefused(probe.beforeAttach(disk, LONG), Reason.IN_USE);

      assertThat(plug.detach(guest.ref(), disk.volume(), LONG).isDetached()).isTrue();
      assertReady(probe.beforeAttach(disk, LONG), SIZE);
    } finally {
      guest.close();
    }
  }

  @Test
  void nothingIsPrintedAndAProcessEndsWithoutClosing() {
    RbdDisk disk = newDisk();

    ChildJvm.Output output = ChildJvm.run(Quiet.class, disk.image().name());

    assertThat(output.stdout()).contains("ACCESS_DENIED ACCESS_DENIED NOT_FOUND UNREACHABLE READY");
    assertThat(output.stderr()).isEmpty();
    assertThat(output.exitCode()).isZero();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Makes librados fail in every way that it has words for, and ends. */
  static final class Quiet {

    private Quiet() {}

    public static void main(String[] args) {
      Lab lab = Lab.current();
      ProbeFixture fixture = new ProbeFixture(lab);
      RbdDisk disk = LabCluster.disk(lab, "pvc-quiet", LabCluster.image(lab, args[0]));
      RbdDisk missing = LabCluster.disk(lab, "pvc-quiet", LabCluster.image(lab, "no-such-image"));
      RbdDisk dead =
          new RbdDisk("pvc-quiet", disk.image(), List.of(dead()), disk.auth(), disk.options());
      RbdProbe probe = fixture.probe(fixture.rightKey());
      System.out.println(
          String.join(
              " ",
              ProbeFixture.word(fixture.probe(RbdLogin.none()).beforeAttach(disk, LONG)),
              ProbeFixture.word(
                  fixture
                      .probe(fixture.key(lab.directory().resolve("secret/wrong-ceph.key")))
                      .beforeAttach(disk, LONG)),
              ProbeFixture.word(probe.beforeAttach(missing, LONG)),
              // Longer than librados tries, so that it says what it has to say.
              ProbeFixture.word(probe.beforeAttach(dead, LONG)),
              ProbeFixture.word(probe.beforeAttach(disk, LONG))));
    }
  }
}
