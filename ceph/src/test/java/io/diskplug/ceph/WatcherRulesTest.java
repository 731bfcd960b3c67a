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
import io.diskplug.domain.StorageSource;
import io.diskplug.spi.StorageProbe.Finding;
import io.diskplug.spi.StorageProbe.Ready;
import io.diskplug.spi.StorageProbe.Reason;
import io.diskplug.spi.StorageProbe.Refused;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a probe makes of mirrored images, and what the question costs. */
class WatcherRulesTest {

  private static final Duration BUDGET = Duration.ofSeconds(20);
  private static final long JOURNALING = 1 << 6;
  private static final long NON_PRIMARY = 1 << 10;
  private static final Watcher QEMU = new Watcher(1, "192.0.2.1:0/1");
  private static final Watcher OTHER = new Watcher(2, "192.0.2.2:0/2");
  private static final Watcher DAEMON = new Watcher(3, "198.51.100.7:0/3");
  private static final RbdDisk DISK =
      RbdDisk.of(
          "pvc-1",
          RbdImage.of("cluster", "volumes", "image"),
          List.of(new HostPort("mon-a", 6789)));
  private static final RbdDisk READ_ONLY =
      DISK.withOptions(DiskOptions.DEFAULTS.withReadOnly(true));

  private final AtomicInteger asked = new AtomicInteger();
  private Seen seen = watched();
  private Mirroring mirroring = Mirroring.PRIMARY;

  private static Seen watched(Watcher... watchers) {
    return new Seen(4096, 0, List.of(watchers));
  }

  private static Seen of(long features) {
    return new Seen(4096, features, List.of());
  }

  /** A cluster with one image. */
  private RbdProbe probe(String... mirrorHosts) {
    CephClient ceph =
        (login, monitors) ->
            new Session() {
              @Override
              public void look(
                  RbdImage image, Predicate<Seen> needsMirroring, Consumer<Seen> answer) {
                boolean needed = needsMirroring.test(seen);
                asked.addAndGet(needed ? 1 : 0);
                answer.accept(needed ? seen.with(mirroring) : seen);
              }

              @Override
              public void shutDown() {}
            };
    return RbdProbe.builder()
        .cluster("cluster", RbdLogin.none(), DISK.monitors())
        .mirrorDaemonsAt("cluster", List.of(mirrorHosts))
        .build(ceph);
  }

  private static void ready(Finding finding) {
    assertThat(finding).isInstanceOf(Ready.class);
  }

  private static String refused(Finding finding, Reason reason) {
    assertThat(finding).isInstanceOf(Refused.class);
    assertThat(((Refused) finding).reason()).isEqualTo(reason);
    return ((Refused) finding).explanation();
  }

  @Test
  void theDaemonOfAMirroredImageDoesNotCountWhereItsHostIsNamed() {
    try (RbdProbe probe = probe("198.51.100.0/24")) {
      seen = watched(DAEMON);
      ready(probe.beforeAttach(DISK, BUDGET));
      ready(probe.afterDetach(DISK.volume(), BUDGET));
      seen = watched(DAEMON, QEMU);
      ready(probe.afterAttach(DISK, BUDGET));
      assertThat(refused(probe.beforeAttach(DISK, BUDGET), Reason.IN_USE))
          .contains("client.1 at 192.0.2.1:0/1")
          .doesNotContain("198.51.100.7");
      refused(probe.afterDetach(DISK.volume(), BUDGET), Reason.IN_USE);
      seen = watched(DAEMON, QEMU, OTHER);
      refused(probe.afterAttach(DISK, BUDGET), Reason.IN_USE);
    }
  }

  /** Of a QEMU that is shut out the daemon's watcher remains; a QEMU on such a host is not. */
  @Test
  void anInspectionDoesNotTakeMirrorDaemonsForTheQemuOfAMirroredImage() {
    try (RbdProbe probe = probe("198.51.100.0/24")) {
      ready(probe.anyClient(DISK.volume(), BUDGET));
      seen = watched(DAEMON, QEMU);
      assertThat(refused(probe.anyClient(DISK.volume(), BUDGET), Reason.IN_USE))
          .contains("client.1");
      assertThat(asked).as("questions about mirroring").hasValue(0);
      seen = watched(DAEMON);
      for (Mirroring known : List.of(Mirroring.PRIMARY, Mirroring.NOT_TOLD)) {
        mirroring = known;
        assertThat(refused(probe.anyClient(DISK.volume(), BUDGET), Reason.NOT_KNOWN))
            .contains("only clients at the addresses of mirror daemons", "client.3", "blocklist");
      }
      mirroring = Mirroring.NOT_MIRRORED;
      assertThat(refused(probe.anyClient(DISK.volume(), BUDGET), Reason.IN_USE))
          .contains("client.3");
    }
    try (RbdProbe probe = probe()) {
      refused(probe.anyClient(DISK.volume(), BUDGET), Reason.IN_USE);
    }
    assertThat(asked).as("questions about mirroring").hasValue(3);
  }

  @Test
  void anInspectionSaysThatAnImageWasDemotedUnderARunningGuest() {
    mirroring = Mirroring.NON_PRIMARY;
    try (RbdProbe probe = probe()) {
      seen = new Seen(4096, JOURNALING, List.of(QEMU));
      assertThat(refused(probe.anyClient(DISK.volume(), BUDGET), Reason.NOT_PRIMARY))
          .contains("rbd mirror image promote");
      seen = new Seen(4096, NON_PRIMARY, List.of(QEMU));
      refused(probe.anyClient(DISK.volume(), BUDGET), Reason.NOT_PRIMARY);
      assertThat(asked).as("the features say the second").hasValue(1);
      mirroring = Mirroring.PRIMARY;
      seen = new Seen(4096, JOURNALING, List.of(QEMU));
      refused(probe.anyClient(DISK.volume(), BUDGET), Reason.IN_USE);
      // That no client has it open is said first.
      seen = of(NON_PRIMARY);
      ready(probe.anyClient(DISK.volume(), BUDGET));
    }
  }

  @Test
  void withoutANamedHostItCountsAndTheExplanationSaysThatTheImageIsMirrored() {
    try (RbdProbe probe = probe()) {
      seen = watched(DAEMON);
      for (Finding finding :
          List.of(probe.beforeAttach(DISK, BUDGET), probe.afterDetach(DISK.volume(), BUDGET))) {
        assertThat(refused(finding, Reason.IN_USE))
            .contains("client.3 at 198.51.100.7:0/3", "mirrored", "rbd-mirror");
      }
    }
  }

  @Test
  void aClientThatIsGoneForGoodCanBeToldByTheExplanation() {
    try (RbdProbe probe = probe()) {
      seen = watched(QEMU);
      for (Finding finding :
          List.of(probe.beforeAttach(DISK, BUDGET), probe.afterDetach(DISK.volume(), BUDGET))) {
        assertThat(refused(finding, Reason.IN_USE))
            .contains("client.1 at 192.0.2.1:0/1", "30 s", "dump_watchers", "restart of the OSD");
      }
    }
  }

  /** A QEMU on a host that was named by mistake is still seen on images that are not mirrored. */
  @ParameterizedTest
  @EnumSource(
      value = Mirroring.class,
      names = {"NOT_MIRRORED", "NOT_TOLD"})
  void ofAnImageThatIsNotKnownToBeMirroredEveryClientCounts(Mirroring known) {
    mirroring = known;
    try (RbdProbe probe = probe("198.51.100.7")) {
      seen = watched(DAEMON);
      assertThat(refused(probe.beforeAttach(DISK, BUDGET), Reason.IN_USE))
          .contains("client.3")
          .doesNotContain("a daemon of rbd-mirror watches it");
      refused(probe.afterDetach(DISK.volume(), BUDGET), Reason.IN_USE);
      seen = watched(DAEMON, QEMU);
      refused(probe.afterAttach(DISK, BUDGET), Reason.IN_USE);
    }
  }

  @Test
  void anImageThatIsFreeCostsNoMoreThanBefore() {
    try (RbdProbe probe = probe("198.51.100.7")) {
      ready(probe.beforeAttach(DISK, BUDGET));
      ready(probe.afterDetach(DISK.volume(), BUDGET));
      seen = watched(QEMU);
      ready(probe.afterAttach(DISK, BUDGET));
      ready(probe.sizeOf(DISK.volume(), BUDGET));
      ready(probe.beforeAttach(READ_ONLY, BUDGET));
    }
    assertThat(asked).as("questions about mirroring").hasValue(0);
  }

  @Test
  void anImageThatWasDemotedWithAJournalCannotEvenBeRead() {
    seen = of(JOURNALING);
    try (RbdProbe probe = probe()) {
      ready(probe.beforeAttach(DISK, BUDGET));
      mirroring = Mirroring.NON_PRIMARY;
      for (RbdDisk disk :
          List.of(DISK, READ_ONLY, DISK.withOptions(DiskOptions.DEFAULTS.withShareable(true)))) {
        assertThat(refused(probe.beforeAttach(disk, BUDGET), Reason.NOT_PRIMARY))
            .contains("volumes/image", "neither read nor write", "rbd mirror image promote");
      }
      RbdDisk snapshot = RbdDisk.of("pvc-2", DISK.image().atSnapshot("daily"), DISK.monitors());
      ready(probe.beforeAttach(snapshot, BUDGET));
      mirroring = Mirroring.NOT_TOLD;
      ready(probe.beforeAttach(DISK, BUDGET));
    }
  }

  @Test
  void anImageThatFollowsBySnapshotsCanBeRead() {
    seen = of(NON_PRIMARY);
    try (RbdProbe probe = probe()) {
      assertThat(refused(probe.beforeAttach(DISK, BUDGET), Reason.NOT_PRIMARY))
          .contains("volumes/image", "read-only", "promote");
      ready(probe.beforeAttach(READ_ONLY, BUDGET));
    }
    assertThat(asked).as("its features say it").hasValue(0);
  }

  @Test
  void mirrorDaemonsOfAClusterWithoutALoginAreAMistake() {
    RbdProbe.Builder builder = RbdProbe.builder().mirrorDaemonsAt("another", List.of("192.0.2.1"));

    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("another");
    assertThatThrownBy(() -> builder.mirrorDaemonsAt("cluster", List.of("mirror.example")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aDiskOfThisLibraryIsKnownByItsAlias() {
    SourceIdentity identity = DISK.volume().identity();
    StorageSource source = new StorageSource("rbd", "volumes/image", null, List.of());
    try (RbdProbe probe = probe()) {
      assertThat(probe.identityOf(source, identity.alias())).contains(identity);
      assertThat(probe.identityOf(source, "virtio-disk0")).isEmpty();
      assertThat(
              probe.identityOf(
                  source, new SourceIdentity("rbd", "another", "volumes/image").alias()))
          .isEmpty();
      assertThat(
              probe.identityOf(
                  new StorageSource("rbd", "volumes/image", "daily", List.of()),
                  new SourceIdentity("rbd", "cluster", "volumes/image@daily").alias()))
          .as("who reads a snapshot is not seen")
          .isEmpty();
      assertThat(
              probe.identityOf(
                  new StorageSource("file", "volumes/image", null, List.of()), identity.alias()))
          .isEmpty();
      assertThat(probe.identityOf(StorageSource.NONE, identity.alias())).isEmpty();
    }
  }
}
