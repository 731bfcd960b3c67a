// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.ceph.CephClient.Mirroring;
import io.diskplug.ceph.CephClient.Seen;
import io.diskplug.ceph.CephClient.Session;
import io.diskplug.ceph.CephClient.Watcher;
import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.HostPort;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.VolumeRef;
import io.diskplug.spi.StorageProbe.Finding;
import io.diskplug.spi.StorageProbe.Ready;
import io.diskplug.spi.StorageProbe.Reason;
import io.diskplug.spi.StorageProbe.Refused;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a probe makes of what a cluster says, does not say, or says too late. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RbdProbeTest {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final Duration PATIENT = Duration.ofSeconds(1);
  private static final RbdDisk DISK =
      RbdDisk.of(
          "pvc-1",
          RbdImage.of("cluster", "volumes", "image"),
          List.of(new HostPort("mon-a", 6789), new HostPort("mon-b", 6789)));

  private final FakeCeph ceph = new FakeCeph();
  private final RbdProbe probe = RbdProbe.builder().cluster("cluster", RbdLogin.none()).build(ceph);

  @AfterEach
  void letGo() {
    ceph.connectGate.countDown();
    ceph.lookGate.countDown();
    ceph.closeGate.countDown();
    probe.close();
  }

  /** A cluster that says what it is told to, and hangs where it is told to. */
  private static final class FakeCeph implements CephClient {
    final AtomicInteger connects = new AtomicInteger();
    final AtomicInteger connecting = new AtomicInteger();
    final AtomicInteger looking = new AtomicInteger();
    final AtomicInteger closing = new AtomicInteger();
    final AtomicInteger shutDowns = new AtomicInteger();
    final List<Thread> threads = new ArrayList<>();
    final List<Set<HostPort>> reached = new CopyOnWriteArrayList<>();
    volatile CountDownLatch connectGate = new CountDownLatch(0);
    volatile CountDownLatch lookGate = new CountDownLatch(0);
    volatile CountDownLatch closeGate = new CountDownLatch(0);
    volatile CephFault connectFault;
    volatile CephFault lookFault;
    volatile Error connectError;
    volatile Error lookError;
    volatile Seen seen = seen(0);
    volatile Mirroring mirroring = Mirroring.NOT_MIRRORED;
    final AtomicInteger askedForMirroring = new AtomicInteger();

    @Override
    public Session connect(RbdLogin login, Collection<HostPort> monitors) throws CephFault {
      connects.incrementAndGet();
      reached.add(Set.copyOf(monitors));
      pass(connecting, connectGate);
      if (connectError != null) {
        throw connectError;
      }
      if (connectFault != null) {
        throw connectFault;
      }
      return new Session() {
        @Override
        public void look(RbdImage image, Predicate<Seen> needsMirroring, Consumer<Seen> answer)
            throws CephFault {
          pass(looking, lookGate);
          if (lookError != null) {
            throw lookError;
          }
          if (lookFault != null) {
            throw lookFault;
          }
          boolean asked = needsMirroring.test(seen);
          if (asked) {
            askedForMirroring.incrementAndGet();
          }
          answer.accept(asked ? seen.with(mirroring) : seen);
          pass(closing, closeGate);
        }

        @Override
        public void shutDown() {
          shutDowns.incrementAndGet();
        }
      };
    }

    private void pass(AtomicInteger inside, CountDownLatch gate) {
      synchronized (threads) {
        threads.add(Thread.currentThread());
      }
      inside.incrementAndGet();
      try {
        gate.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException("nobody interrupts a native call", e);
      } finally {
        inside.decrementAndGet();
      }
    }
  }

  private static Seen seen(int watchers) {
    return new Seen(
        4096,
        61,
        List.of(new Watcher(1, "a:0/1"), new Watcher(2, "b:0/2"), new Watcher(3, "c:0/3"))
            .subList(0, watchers));
  }

  private static Refused refused(Finding finding, Reason reason) {
    assertThat(finding).isInstanceOf(Refused.class);
    Refused refused = (Refused) finding;
    assertThat(refused.reason()).as(refused.explanation()).isEqualTo(reason);
    return refused;
  }

  private static RbdDisk with(DiskOptions options) {
    return DISK.withOptions(options);
  }

  @Test
  void anImageThatNobodyUsesIsReady() {
    Finding finding = probe.beforeAttach(DISK, LONG);

    assertThat(finding).isInstanceOf(Ready.class);
    assertThat(((Ready) finding).sizeBytes()).hasValue(4096);
    assertThat(probe.afterAttach(DISK, LONG)).isInstanceOf(Ready.class);
    assertThat(ceph.connects).as("one connection for both").hasValue(1);
  }

  @Test
  void beforeAnAttachNobodyMayWatchAndAfterItOne() {
    ceph.seen = seen(1);
    assertThat(refused(probe.beforeAttach(DISK, LONG), Reason.IN_USE).explanation())
        .contains("volumes/image", "client.1 at a:0/1", "30 s");
    assertThat(probe.afterAttach(DISK, LONG)).isInstanceOf(Ready.class);

    ceph.seen = seen(2);
    assertThat(refused(probe.afterAttach(DISK, LONG), Reason.IN_USE).explanation())
        .contains("another host attached it meanwhile", "client.2 at b:0/2");
  }

  @Test
  void whoSharesReadsOrIsAllowedToIsNotRefused() {
    ceph.seen = seen(2);
    try (RbdProbe lenient =
        RbdProbe.builder().cluster("cluster", RbdLogin.none()).allowUseElsewhere().build(ceph)) {
      assertThat(lenient.beforeAttach(DISK, LONG)).isInstanceOf(Ready.class);
      assertThat(lenient.afterAttach(DISK, LONG)).isInstanceOf(Ready.class);
    }
    for (DiskOptions options :
        List.of(
            DiskOptions.DEFAULTS.withShareable(true), DiskOptions.DEFAULTS.withReadOnly(true))) {
      assertThat(probe.beforeAttach(with(options), LONG)).isInstanceOf(Ready.class);
      assertThat(probe.afterAttach(with(options), LONG)).isInstanceOf(Ready.class);
    }
    refused(probe.beforeAttach(DISK, LONG), Reason.IN_USE);
  }

  @Test
  void answersForDisksOfItsClusters() {
    RbdImage elsewhere = RbdImage.of("other", "volumes", "image");
    RbdDisk foreign = RbdDisk.of("pvc-1", elsewhere, DISK.monitors());

    assertThat(probe.answersFor(DISK)).isTrue();
    assertThat(probe.answersFor(foreign)).isFalse();
    refused(probe.beforeAttach(foreign, LONG), Reason.CANNOT_ASK);
    assertThatThrownBy(() -> probe.beforeAttach(DISK, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(ceph.connects).hasValue(0);
  }

  @Test
  void afterADetachNobodyMayWatch() {
    assertThat(probe.answersFor(DISK.volume())).isTrue();
    probe.beforeAttach(DISK, LONG);
    assertThat(probe.afterDetach(DISK.volume(), LONG)).isInstanceOf(Ready.class);

    ceph.seen = seen(1);
    assertThat(refused(probe.afterDetach(DISK.volume(), LONG), Reason.IN_USE).explanation())
        .contains("volumes/image", "client.1 at a:0/1", "30 s");
    try (RbdProbe lenient =
        RbdProbe.builder()
            .cluster("cluster", RbdLogin.none(), DISK.monitors())
            .allowUseElsewhere()
            .build(ceph)) {
      refused(lenient.afterDetach(DISK.volume(), LONG), Reason.IN_USE);
    }
    ceph.lookFault = CephFault.asking(-CephFault.ENOENT, "image volumes/image", "mon-a");
    refused(probe.afterDetach(DISK.volume(), LONG), Reason.NOT_FOUND);
  }

  @Test
  void ofAVolumeItIsKnownWhoWatchesIfItIsAnImageOfItsClusters() {
    RbdImage elsewhere = RbdImage.of("other", "volumes", "image");
    VolumeRef snapshot = RbdDisk.ref("pvc-1", DISK.image().atSnapshot("daily"));
    VolumeRef file = new VolumeRef("pvc-1", new SourceIdentity("file", "", "/srv/image"));
    VolumeRef unnamed = new VolumeRef("pvc-1", new SourceIdentity("rbd", "cluster", "image"));

    assertThat(probe.answersFor(RbdDisk.ref("pvc-1", DISK.image().inNamespace("n")))).isTrue();
    for (VolumeRef volume : List.of(RbdDisk.ref("pvc-1", elsewhere), snapshot, file, unnamed)) {
      assertThat(probe.answersFor(volume)).as(volume.toString()).isFalse();
      refused(probe.afterDetach(volume, LONG), Reason.CANNOT_ASK);
    }
    assertThatThrownBy(() -> probe.afterDetach(DISK.volume(), Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(ceph.connects).hasValue(0);
  }

  @Test
  void aDetachFindsTheClusterWhereItWasReachedOrWhereItWasSaidToBe() {
    assertThat(refused(probe.afterDetach(DISK.volume(), LONG), Reason.CANNOT_ASK).explanation())
        .contains("cluster", "monitors", "login");
    assertThat(ceph.connects).hasValue(0);

    probe.beforeAttach(DISK, LONG);
    assertThat(probe.afterDetach(DISK.volume(), LONG)).isInstanceOf(Ready.class);
    assertThat(ceph.reached).containsExactly(Set.copyOf(DISK.monitors()));

    List<HostPort> said = List.of(new HostPort("mon-c", 6789));
    try (RbdProbe told = RbdProbe.builder().cluster("cluster", RbdLogin.none(), said).build(ceph)) {
      assertThat(told.afterDetach(DISK.volume(), LONG)).isInstanceOf(Ready.class);
      RbdDisk byFile = RbdDisk.ofConfig("pvc-1", DISK.image(), "/etc/ceph/ceph.conf");
      assertThat(told.beforeAttach(byFile, LONG)).isInstanceOf(Ready.class);
      assertThat(ceph.reached).hasSize(2).endsWith(Set.copyOf(said));
    }
    try (RbdProbe byConf =
        RbdProbe.builder()
            .cluster("cluster", RbdLogin.conf("cinder", Path.of("/etc/ceph/ceph.conf")))
            .build(ceph)) {
      assertThat(byConf.afterDetach(DISK.volume(), LONG)).isInstanceOf(Ready.class);
      assertThat(ceph.reached).hasSize(3).endsWith(Set.of());
    }
  }

  /** And says that it is not reached, not that nobody knows where it is. */
  @Test
  void aClusterThatWasLostIsStillKnown() {
    probe.beforeAttach(DISK, LONG);
    ceph.lookFault = CephFault.asking(-CephFault.ESHUTDOWN, "image", "mon-a");
    ceph.connectFault = CephFault.connecting(-CephFault.ETIMEDOUT, "mon-a");

    refused(probe.afterDetach(DISK.volume(), LONG), Reason.UNREACHABLE);
    refused(probe.afterDetach(DISK.volume(), LONG), Reason.UNREACHABLE);

    ceph.lookFault = null;
    ceph.connectFault = null;
    assertThat(probe.afterDetach(DISK.volume(), LONG)).isInstanceOf(Ready.class);
  }

  @Test
  void aDeadClusterCostsOneAttemptAtATimeAndTheBudget() {
    ceph.connectGate = new CountDownLatch(1);

    for (int i = 0; i < 6; i++) {
      long start = System.nanoTime();
      assertThat(refused(probe.beforeAttach(DISK, SHORT), Reason.UNREACHABLE).explanation())
          .contains("100 ms", "mon-a");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    }
    assertThat(ceph.connects).hasValue(1);

    ceph.connectGate.countDown();
    assertThat(probe.beforeAttach(DISK, LONG)).isInstanceOf(Ready.class);
    assertThat(ceph.connects).as("the attempt went on").hasValue(1);
  }

  @Test
  void whoJoinedAnAttemptThatFailsTriesOnceMoreItself() throws Exception {
    ceph.connectGate = new CountDownLatch(1);
    ceph.connectFault = CephFault.connecting(-CephFault.ETIMEDOUT, "mon-a");
    CompletableFuture<Finding> first =
        CompletableFuture.supplyAsync(() -> probe.beforeAttach(DISK, LONG));
    Awaitility.await().until(() -> ceph.connecting.get() == 1);
    refused(probe.beforeAttach(DISK, SHORT), Reason.UNREACHABLE);
    CompletableFuture<Finding> joined =
        CompletableFuture.supplyAsync(() -> probe.beforeAttach(DISK, LONG));

    ceph.connectGate.countDown();

    refused(first.get(), Reason.UNREACHABLE);
    refused(joined.get(), Reason.UNREACHABLE);
    ceph.connectFault = null;
    assertThat(probe.beforeAttach(DISK, LONG)).isInstanceOf(Ready.class);
  }

  @Test
  void hungCallsAreLeftToFourThreadsAndTheConnectionIsNotUsedAgain() {
    assertThat(probe.beforeAttach(DISK, LONG)).isInstanceOf(Ready.class);
    ceph.lookGate = new CountDownLatch(1);

    for (int i = 0; i < 5; i++) {
      refused(probe.beforeAttach(DISK, PATIENT), Reason.UNREACHABLE);
    }

    synchronized (ceph.threads) {
      assertThat(ceph.threads).allMatch(Thread::isDaemon);
      assertThat(ceph.threads.stream().distinct().count()).isBetween(2L, 4L);
    }
    assertThat(ceph.looking.get()).isBetween(1, 4);
    assertThat(ceph.connects.get()).as("the connection is not used again").isGreaterThan(1);
    assertThat(ceph.shutDowns).as("none under the feet of a call").hasValue(0);

    ceph.lookGate.countDown();
    assertThat(probe.beforeAttach(DISK, LONG)).isInstanceOf(Ready.class);
    probe.close();
    Awaitility.await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(ceph.shutDowns).hasValue(ceph.connects.get()));
  }

  /** It may be about to answer, and others have all their time. */
  @Test
  void whoHasNoTimeDoesNotTakeTheConnectionFromTheOthers() throws Exception {
    assertThat(probe.beforeAttach(DISK, LONG)).isInstanceOf(Ready.class);
    ceph.lookGate = new CountDownLatch(1);
    CompletableFuture<Finding> patient =
        CompletableFuture.supplyAsync(() -> probe.beforeAttach(DISK, LONG));
    Awaitility.await().until(() -> ceph.looking.get() == 1);

    for (int i = 0; i < 6; i++) {
      refused(probe.beforeAttach(DISK, SHORT), Reason.UNREACHABLE);
    }
    ceph.lookGate.countDown();

    assertThat(patient.get()).isInstanceOf(Ready.class);
    assertThat(probe.beforeAttach(DISK, LONG)).isInstanceOf(Ready.class);
    assertThat(ceph.connects).hasValue(1);
  }

  @Test
  void anErrorWhileConnectingIsToldAndTheNextQuestionConnectsAnew() {
    ceph.connectError = new OutOfMemoryError("a secret");

    assertThat(refused(probe.beforeAttach(DISK, LONG), Reason.NOT_KNOWN).explanation())
        .contains("OutOfMemoryError")
        .doesNotContain("a secret");

    ceph.connectError = null;
    assertThat(probe.beforeAttach(DISK, LONG)).isInstanceOf(Ready.class);
  }

  /** As that of Ceph 14 lacks one: to ask again would not change that. */
  @Test
  void aFunctionThatAnOldLibraryLacksCannotBeAskedFor() {
    ceph.lookError = new UnsatisfiedLinkError("undefined symbol: rbd_newer");

    assertThat(refused(probe.beforeAttach(DISK, LONG), Reason.CANNOT_ASK).explanation())
        .contains("rbd_newer");
  }

  @Test
  void aWarmConnectionThatTurnsOutDeadIsReopenedAtOnce() {
    assertThat(probe.beforeAttach(DISK, LONG)).isInstanceOf(Ready.class);
    ceph.lookFault = CephFault.asking(-CephFault.ESHUTDOWN, "image", "mon-a");

    refused(probe.beforeAttach(DISK, LONG), Reason.UNREACHABLE);

    assertThat(ceph.connects).hasValue(2);
    ceph.lookFault = null;
    assertThat(probe.beforeAttach(DISK, LONG)).isInstanceOf(Ready.class);
    assertThat(ceph.connects).hasValue(3);
  }

  @Test
  void nobodyWaitsForAnImageToBeClosedNorIsTheConnectionShutDownBeforeThat() {
    ceph.closeGate = new CountDownLatch(1);

    assertThat(probe.beforeAttach(DISK, LONG)).isInstanceOf(Ready.class);
    Awaitility.await().until(() -> ceph.closing.get() == 1);
    probe.close();
    assertThat(ceph.shutDowns).hasValue(0);

    ceph.closeGate.countDown();
    Awaitility.await().untilAsserted(() -> assertThat(ceph.shutDowns).hasValue(1));
  }

  @Test
  void whatTheClusterAnswersLeavesTheConnectionOpen() {
    ceph.lookFault = CephFault.asking(-CephFault.ENOENT, "image volumes/image", "mon-a");

    refused(probe.beforeAttach(DISK, LONG), Reason.NOT_FOUND);
    refused(probe.beforeAttach(DISK, LONG), Reason.NOT_FOUND);

    assertThat(ceph.connects).hasValue(1);
  }

  @Test
  void closingWaitsForNobody() {
    ceph.lookGate = new CountDownLatch(1);
    refused(probe.beforeAttach(DISK, SHORT), Reason.UNREACHABLE);
    long start = System.nanoTime();

    probe.close();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    assertThat(ceph.shutDowns).hasValue(0);
    refused(probe.beforeAttach(DISK, LONG), Reason.CANNOT_ASK);
    ceph.lookGate.countDown();
    Awaitility.await().untilAsserted(() -> assertThat(ceph.shutDowns).hasValue(1));
  }

  @Test
  void anInterruptIsKept() {
    ceph.connectGate = new CountDownLatch(1);
    Thread.currentThread().interrupt();

    refused(probe.beforeAttach(DISK, LONG), Reason.UNREACHABLE);

    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void codesOfConnecting() {
    for (int code : new int[] {-1, -13, -95}) {
      assertThat(CephFault.connecting(code, "").reason()).isEqualTo(Reason.ACCESS_DENIED);
    }
    for (int code : new int[] {-110, -111, -113, -101, -108}) {
      assertThat(CephFault.connecting(code, "").reason()).isEqualTo(Reason.UNREACHABLE);
    }
    // A name that cannot be resolved at the time, or a configuration that is wrong.
    for (int code : new int[] {-2, -22}) {
      CephFault fault = CephFault.connecting(code, "");
      assertThat(fault.reason()).isEqualTo(Reason.NOT_KNOWN);
      assertThat(fault).hasMessageContainingAll("DNS", "keyring");
    }
    for (int code : new int[] {-4, -5, -11, -12, -16}) {
      assertThat(CephFault.connecting(code, "").reason()).isEqualTo(Reason.NOT_KNOWN);
    }
  }

  @Test
  void codesOfAsking() {
    assertThat(CephFault.asking(-2, "", "").reason()).isEqualTo(Reason.NOT_FOUND);
    assertThat(CephFault.asking(-1, "", "").reason()).isEqualTo(Reason.ACCESS_DENIED);
    assertThat(CephFault.asking(-13, "", "").reason()).isEqualTo(Reason.ACCESS_DENIED);
    assertThat(CephFault.asking(-110, "", "").reason()).isEqualTo(Reason.UNREACHABLE);
    assertThat(CephFault.asking(-38, "", "").reason()).isEqualTo(Reason.UNSUPPORTED);
    assertThat(CephFault.asking(-22, "", "").reason()).isEqualTo(Reason.UNSUPPORTED);
    for (int code : new int[] {-4, -5, -11, -12, -16, -30}) {
      assertThat(CephFault.asking(code, "", "").reason()).isEqualTo(Reason.NOT_KNOWN);
    }
  }

  @Test
  void codesOfPreparing() {
    for (int code : new int[] {-1, -2, -13, -22}) {
      assertThat(CephFault.preparing(code, "").reason()).isEqualTo(Reason.CANNOT_ASK);
    }
    for (int code : new int[] {-4, -5, -11, -12}) {
      assertThat(CephFault.preparing(code, "").reason()).isEqualTo(Reason.NOT_KNOWN);
    }
  }

  @Test
  void aSupplierOfAKeyThatThrowsMayBeBackSoon() {
    Supplier<byte[]> vault =
        () -> {
          throw new IllegalStateException("a secret");
        };

    assertThatThrownBy(() -> NativeCeph.supplied(RbdLogin.key("cinder", vault), vault))
        .isInstanceOfSatisfying(
            CephFault.class,
            fault -> {
              assertThat(fault.reason()).isEqualTo(Reason.NOT_KNOWN);
              assertThat(fault)
                  .hasMessageContaining("IllegalStateException")
                  .hasMessageNotContaining("a secret");
            });
  }

  @Test
  void aMissingLibraryIsNamed() {
    for (LinkageError error :
        List.of(new UnsatisfiedLinkError("no rados"), new NoClassDefFoundError("Rados"))) {
      assertThatThrownBy(
              () ->
                  NativeCeph.needLibraries(
                      () -> {
                        throw error;
                      }))
          .isInstanceOfSatisfying(
              CephFault.class,
              fault -> {
                assertThat(fault.reason()).isEqualTo(Reason.CANNOT_ASK);
                assertThat(fault).hasMessageContainingAll("librados", "librbd", error.getMessage());
              });
    }
  }

  @Test
  void keysAreToldFromWhatIsNone() {
    // Type 1, no time, a secret of 16 zeros: a cluster makes better ones, of the same form.
    String good = "AQAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAA==";
    assertThat(CephxKey.isWellFormed(bytes(good))).isTrue();
    assertThat(CephxKey.strip(bytes(" " + good + "\n"))).isEqualTo(bytes(good));
    for (String bad :
        List.of("", "!!!!", "AQ==", good.substring(4), "A" + good, good + "\n", "AA" + good)) {
      assertThat(CephxKey.isWellFormed(bytes(bad))).as(bad).isFalse();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void nothingThatIsPrintedShowsAKey() {
    RbdLogin login = RbdLogin.key("cinder", () -> bytes("the-key"));
    RbdLogin keyring = RbdLogin.keyring("cinder", Path.of("/etc/keyring"));
    RbdProbe.Builder builder =
        RbdProbe.builder().cluster("a", login).cluster("b", keyring).cluster("c", RbdLogin.none());

    try (RbdProbe printed = builder.build(ceph)) {
      assertThat(printed.toString())
          .isEqualTo(
              "RbdProbe{a=RbdLogin[client.cinder], b=RbdLogin[client.cinder, /etc/keyring],"
                  + " c=RbdLogin[nobody (without cephx)]}");
    }
    assertThatThrownBy(() -> builder.cluster("a", login))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> RbdLogin.key("client.cinder", () -> bytes("the-key")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("the-key");
  }
}
