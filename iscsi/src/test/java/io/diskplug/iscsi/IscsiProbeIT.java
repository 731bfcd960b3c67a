// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.HostPort;
import io.diskplug.lab.AloneOnTheLab;
import io.diskplug.lab.ChildJvm;
import io.diskplug.lab.Lab;
import io.diskplug.lab.SecretHunt;
import io.diskplug.spi.StorageProbe.Finding;
import io.diskplug.spi.StorageProbe.Ready;
import io.diskplug.spi.StorageProbe.Reason;
import io.diskplug.spi.StorageProbe.Refused;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a real target answers to the probe, and what the probe makes of it. */
// In a thread of its own: a call into C that does not return cannot be interrupted.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@AloneOnTheLab
class IscsiProbeIT {

  private static final Duration BUDGET = Duration.ofSeconds(2);
  private static final Duration IN_TIME = BUDGET.plusMillis(500);
  private static final String INITIATOR = "iqn.2026-01.io.diskplug:host-7";

  private final Lab lab = Lab.current();
  private final IscsiProbe probe = probeWith(password());

  @AfterEach
  void close() {
    probe.close();
  }

  @Test
  void anOpenLunIsReadyAndHasItsSize() {
    IscsiLun lun = LabTarget.OPEN.newLun(lab, 24);

    assertThat(ask(LabTarget.OPEN.disk(lab, Lab.volumeId(), lun))).isEqualTo(ready(24));
  }

  @Test
  void aLunWithChapIsReadyAndHasItsSize() {
    assertThat(ask(protectedDisk())).isEqualTo(ready(48));
    assertThat(ask(protectedDisk().withInitiator(INITIATOR))).isEqualTo(ready(48));
  }

  @Test
  void aWrongPassword() {
    try (IscsiProbe mistaken = probeWith("not-the-password")) {
      Refused refused = refused(mistaken.beforeAttach(protectedDisk(), BUDGET));

      assertThat(refused.reason()).isEqualTo(Reason.ACCESS_DENIED);
      assertThat(refused.explanation())
          .contains("Authentication failure(513)", protectedDisk().lun().path(), "user diskplug");
    }
  }

  @Test
  void noPasswordWhereOneIsWanted() {
    IscsiLun lun = protectedDisk().lun();
    Refused refused = refused(ask(IscsiDisk.of(Lab.volumeId(), lun, LabTarget.portal(lab))));

    assertThat(refused.reason()).isEqualTo(Reason.ACCESS_DENIED);
    assertThat(refused.explanation()).contains("Authentication failure(513)", "without CHAP");
  }

  @Test
  void aTargetThatDoesNotExist() {
    IscsiLun lun = new IscsiLun("iqn.2026-01.io.diskplug:nowhere", 1);
    Refused refused = refused(ask(LabTarget.OPEN.disk(lab, Lab.volumeId(), lun)));

    assertThat(refused.reason()).isEqualTo(Reason.NOT_FOUND);
    assertThat(refused.explanation()).contains("Target not found(515)", lun.path());
  }

  @ParameterizedTest
  @ValueSource(ints = {254, 255})
  void aLunThatDoesNotExist(int number) {
    IscsiLun lun = LabTarget.OPEN.lun(lab, number);
    Refused refused = refused(ask(LabTarget.OPEN.disk(lab, Lab.volumeId(), lun)));

    assertThat(refused.reason()).isEqualTo(Reason.NOT_FOUND);
    assertThat(refused.explanation()).contains("LOGICAL_UNIT_NOT_SUPPORTED", lun.path());
  }

  @Test
  void aLunThatHasNoCapacity() {
    // LUN 0 is tgtd's own controller.
    Refused refused =
        refused(ask(LabTarget.OPEN.disk(lab, Lab.volumeId(), LabTarget.OPEN.lun(lab, 0))));

    assertThat(refused.reason()).isEqualTo(Reason.UNSUPPORTED);
  }

  @Test
  void aPortalWhereNobodyListens() throws IOException {
    int port;
    try (ServerSocket closed = listen("127.0.0.1")) {
      port = closed.getLocalPort();
    }
    Refused refused = refused(ask(openDiskAt(new HostPort("127.0.0.1", port))));

    assertThat(refused.reason()).isEqualTo(Reason.UNREACHABLE);
    assertThat(refused.explanation()).contains("Connection refused", "127.0.0.1:" + port);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.1"})
  void aPortalThatAcceptsAndIsSilent(String host) throws IOException {
    try (ServerSocket silent = listen("127.0.0.1")) {
      long start = System.nanoTime();
      Refused refused = refused(ask(openDiskAt(new HostPort(host, silent.getLocalPort()))));
      Duration took = Duration.ofNanos(System.nanoTime() - start);

      assertThat(refused.reason()).isEqualTo(Reason.UNREACHABLE);
      assertThat(refused.explanation()).contains("2000 ms");
      assertThat(took).isBetween(BUDGET, IN_TIME);
    }
  }

  @Test
  void aPortalThatAcceptsAndEndsTheConnection() throws IOException {
    try (Portal rude = new Portal(connection -> {})) {
      Refused refused = refused(ask(openDiskAt(rude.address("127.0.0.1"))));

      assertThat(refused.reason()).isEqualTo(Reason.UNREACHABLE);
      assertThat(refused.explanation()).contains("ended without an answer to a login");
    }
  }

  @Test
  void aNameThatIsNone() {
    // Two dots: no resolver asks another for it.
    Refused refused = refused(ask(openDiskAt(new HostPort("no..name", 3260))));

    assertThat(refused.reason()).isEqualTo(Reason.UNREACHABLE);
    assertThat(refused.explanation()).contains("no..name:3260", "resolv");
  }

  @Test
  void aPortalThatIsNoAddressIsAskedByAnotherThread() {
    assertThat(ask(openDiskAt(new HostPort("127.1", LabTarget.portal(lab).port()))))
        .isEqualTo(ready(32));
  }

  @Test
  void aPortalWithAnAddressOfIpv6() throws IOException {
    try (Portal relay = new Portal("::1", this::relay)) {
      assertThat(ask(openDiskAt(relay.address("::1")))).isEqualTo(ready(32));
      assertThat(relay.connections()).isEqualTo(1);
    }
  }

  @Test
  void aTargetThatHasMovedIsFollowed() throws IOException {
    HostPort there = LabTarget.portal(lab);
    try (Portal moved =
        new Portal(connection -> Portal.redirect(connection, there.host(), there.port()))) {
      assertThat(ask(openDiskAt(moved.address("127.0.0.1")))).isEqualTo(ready(32));
      assertThat(moved.connections()).isEqualTo(1);
    }
  }

  @Test
  void aTargetThatMovesForEverIsLeft() throws IOException {
    try (Portal circle =
        new Portal(
            connection -> Portal.redirect(connection, "127.0.0.1", connection.getLocalPort()))) {
      Refused refused = refused(ask(openDiskAt(circle.address("127.0.0.1"))));

      assertThat(refused.reason()).isEqualTo(Reason.UNREACHABLE);
      assertThat(refused.explanation()).contains("sent on");
      assertThat(circle.connections()).isEqualTo(5);
    }
  }

  @Test
  void nothingStaysOpen() throws IOException {
    try (ServerSocket silent = listen("127.0.0.1");
        IscsiProbe mistaken = probeWith("not-the-password")) {
      Runnable all =
          () -> {
            ask(openDiskAt(LabTarget.portal(lab)));
            ask(protectedDisk());
            ask(openDiskAt(new HostPort("127.1", LabTarget.portal(lab).port())));
            ask(LabTarget.OPEN.disk(lab, Lab.volumeId(), LabTarget.OPEN.lun(lab, 254)));
            ask(openDiskAt(new HostPort("127.0.0.1", 1)));
            mistaken.beforeAttach(protectedDisk(), BUDGET);
            probe.beforeAttach(
                openDiskAt(new HostPort("127.0.0.1", silent.getLocalPort())),
                Duration.ofMillis(20));
          };
      // What is loaded on first use stays open.
      all.run();
      long before = openFiles();
      for (int i = 0; i < 15; i++) {
        all.run();
      }

      assertThat(openFiles()).as("fifteen of each kind leave nothing open").isLessThan(before + 10);
    }
  }

  @Test
  void severalThreadsAskAtATime() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Boolean>> answers = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        answers.add(
            threads.submit(
                () ->
                    ask(openDiskAt(LabTarget.portal(lab))).equals(ready(32))
                        && ask(protectedDisk().withInitiator(INITIATOR)).equals(ready(48))));
      }
      for (Future<Boolean> answer : answers) {
        assertThat(answer.get(60, TimeUnit.SECONDS)).isTrue();
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void aWarmQuestionIsQuick() {
    for (IscsiDisk disk : List.of(openDiskAt(LabTarget.portal(lab)), protectedDisk())) {
      long[] micros = new long[50];
      for (int i = -20; i < micros.length; i++) {
        long start = System.nanoTime();
        assertThat(ask(disk)).isInstanceOf(Ready.class);
        if (i >= 0) {
          micros[i] = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start);
        }
      }
      Arrays.sort(micros);
      System.out.println(
          (disk.auth().isPresent() ? "with" : "without")
              + " CHAP: median "
              + micros[25]
              + " µs, fastest "
              + micros[0]
              + " µs, slowest "
              + micros[49]
              + " µs");
      assertThat(micros[25]).isLessThan(20_000);
    }
  }

  @Test
  void neitherPasswordsNorLibiscsiAreHeardOf() {
    ChildJvm.Output output = ChildJvm.run(Talk.class);

    assertThat(output.exitCode()).isZero();
    SecretHunt.assertNoSecretIn(lab, output.all());
    assertThat(output.all().contains("not-the-password")).isFalse();
    assertThat(output.stdout().lines())
        .hasSize(5)
        .first(InstanceOfAssertFactories.STRING)
        .startsWith("IscsiProbe[");
    assertThat(output.stderr()).isEmpty();
  }

  /** The other process. */
  static final class Talk {

    private Talk() {}

    public static void main(String[] arguments) {
      IscsiProbeIT test = new IscsiProbeIT();
      IscsiDisk disk = test.protectedDisk();
      try (IscsiProbe good = test.probe;
          IscsiProbe mistaken = probeWith("not-the-password")) {
        System.out.println(good);
        System.out.println(test.ask(disk));
        System.out.println(mistaken.beforeAttach(disk, BUDGET));
        System.out.println(
            good.beforeAttach(
                new IscsiDisk(
                    disk.volumeId(),
                    new IscsiLun(disk.lun().target(), 254),
                    disk.portal(),
                    disk.auth(),
                    disk.initiator(),
                    disk.options()),
                BUDGET));
        System.out.println(good.afterAttach(disk, BUDGET));
      }
    }
  }

  private Finding ask(IscsiDisk disk) {
    return probe.beforeAttach(disk, BUDGET);
  }

  private static Refused refused(Finding finding) {
    assertThat(finding).isInstanceOf(Refused.class);
    return (Refused) finding;
  }

  /** To the lab's target, which has no address of IPv6. */
  private void relay(Socket connection) throws IOException {
    HostPort there = LabTarget.portal(lab);
    try (Socket target = new Socket(there.host(), there.port())) {
      Thread back =
          new Thread(
              () -> {
                try {
                  target.getInputStream().transferTo(connection.getOutputStream());
                  connection.shutdownOutput();
                } catch (IOException e) {
                  // The end.
                }
              });
      back.setDaemon(true);
      back.start();
      connection.getInputStream().transferTo(target.getOutputStream());
    }
  }

  private static long openFiles() {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Ready ready(long mebibytes) {
    return new Ready(OptionalLong.of(mebibytes << 20));
  }

  private IscsiDisk openDiskAt(HostPort portal) {
    return IscsiDisk.of(Lab.volumeId(), LabTarget.OPEN.lun(lab, 1), portal);
  }

  private IscsiDisk protectedDisk() {
    return LabTarget.CHAP.disk(lab, Lab.volumeId(), LabTarget.CHAP.lun(lab, 1));
  }

  private static ServerSocket listen(String address) throws IOException {
    return new ServerSocket(0, 1, InetAddress.getByName(address));
  }

  private String password() {
    return LabTarget.password(Path.of(lab.get("ISCSI_CHAP_PASSWORD_FILE")));
  }

  private static IscsiProbe probeWith(String password) {
    return IscsiProbe.create(
        (target, auth) -> Optional.of(password.getBytes(StandardCharsets.UTF_8)));
  }
}
