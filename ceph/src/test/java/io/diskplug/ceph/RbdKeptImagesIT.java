// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static io.diskplug.ceph.ProbeFixture.assertReady;
import static io.diskplug.ceph.ProbeFixture.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.DiskOptions;
import io.diskplug.lab.ChildJvm;
import io.diskplug.lab.Lab;
import io.diskplug.spi.StorageProbe.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a probe has seen before it sees as it is now, although it keeps the image open. */
class RbdKeptImagesIT {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final int MEBIBYTES = 8;
  private static final int ANOTHER = 12;
  private static final long SIZE = (long) MEBIBYTES << 20;
  private static final long ANOTHER_SIZE = (long) ANOTHER << 20;
  private static final int MORE_THAN_ARE_KEPT = 20;

  private final Lab lab = Lab.current();
  private final ProbeFixture fixture = new ProbeFixture(lab);
  private final RbdProbe probe = fixture.probe(fixture.rightKey());

  @AfterEach
  void close() {
    probe.close();
  }

  private RbdDisk disk(RbdImage image) {
    return LabCluster.disk(lab, Lab.volumeId(), image);
  }

  private void create(RbdImage image, int mebibytes) {
    lab.run("rbd", "create", image.path(), "--size", mebibytes + "M");
  }

  /** What the others here are about: without it every answer would be that of a new open. */
  @Test
  void theSecondAnswerIsThatOfTheImageThatWasKept() throws Exception {
    RbdImage image = fixture.newDisk(MEBIBYTES).image();
    NativeCeph ceph = new NativeCeph(Duration.ofSeconds(5));
    CephConnection connection =
        (CephConnection) ceph.connect(fixture.rightKey(), List.of(LabCluster.monitor(lab)));
    try {
      List<CephClient.Seen> answers = new ArrayList<>();
      connection.look(image, seen -> false, answers::add);
      OpenImage kept = connection.kept.take(image);
      assertThat(kept).isNotNull();
      assertThat(kept.lookAgain()).isEqualTo(answers.get(0));
      connection.kept.keep(image, kept);
      connection.look(image, seen -> false, answers::add);
      assertThat(connection.kept.take(image)).isSameAs(kept);
      assertThat(answers.get(1)).isEqualTo(answers.get(0));
      assertThat(answers.get(0).sizeBytes()).isEqualTo(SIZE);

      lab.run("rbd", "rename", image.path(), image.path() + "-old");
      create(image, MEBIBYTES);
      assertThat(kept.lookAgain()).as("it is another image").isNull();
      kept.close();
    } finally {
      connection.shutDown();
    }
  }

  @Test
  void anImageThatHasGrown() {
    RbdDisk disk = fixture.newDisk(MEBIBYTES);
    assertReady(probe.beforeAttach(disk, LONG), SIZE);

    lab.run("rbd", "resize", disk.image().path(), "--size", ANOTHER + "M");

    assertReady(probe.beforeAttach(disk, LONG), ANOTHER_SIZE);
  }

  @Test
  void anImageThatIsGoneAndThereAgain() {
    RbdDisk disk = fixture.newDisk(MEBIBYTES);
    assertReady(probe.beforeAttach(disk, LONG), SIZE);

    lab.run("rbd", "rm", "--no-progress", disk.image().path());
    assertRefused(probe.beforeAttach(disk, LONG), Reason.NOT_FOUND);
    create(disk.image(), ANOTHER);

    assertReady(probe.beforeAttach(disk, LONG), ANOTHER_SIZE);
  }

  @Test
  void anImageWhoseNameAnotherHas() {
    RbdDisk disk = fixture.newDisk(MEBIBYTES);
    assertReady(probe.beforeAttach(disk, LONG), SIZE);

    lab.run("rbd", "rename", disk.image().path(), disk.image().path() + "-old");
    create(disk.image(), ANOTHER);

    assertReady(probe.beforeAttach(disk, LONG), ANOTHER_SIZE);
  }

  @Test
  void aPoolWhoseNameAnotherHas() throws IOException {
    String pool = Lab.unique("pool");
    RbdImage image = RbdImage.of(lab.get("CEPH_FSID"), pool, "image");
    RbdDisk disk = disk(image);
    String user = Lab.unique("mover");
    Path keyring = Files.createTempFile("probe", ".keyring");
    lab.run("ceph", "osd", "pool", "create", pool, "1");
    try (RbdProbe mover = fixture.probe(RbdLogin.keyring(user, keyring))) {
      Files.writeString(keyring, fixture.user(user, "profile rbd") + "\n");
      create(image, MEBIBYTES);
      assertReady(mover.beforeAttach(disk, LONG), SIZE);

      lab.run("ceph", "osd", "pool", "rename", pool, pool + "-old");
      lab.run("ceph", "osd", "pool", "create", pool, "1");
      create(image, ANOTHER);

      // librados hears of pools some time after an OSD has.
      Awaitility.await()
          .untilAsserted(() -> assertReady(mover.beforeAttach(disk, LONG), ANOTHER_SIZE));
    } finally {
      Files.delete(keyring);
    }
  }

  @Test
  void anImageThatSomebodyHasOpenMeanwhile() {
    RbdDisk disk = fixture.newDisk(MEBIBYTES);
    assertReady(probe.beforeAttach(disk, LONG), SIZE);

    try (ChildJvm.Running holder = RbdHolder.hold(lab, disk.image())) {
      assertRefused(probe.beforeAttach(disk, LONG), Reason.IN_USE);
      assertThat(holder.isAlive()).isTrue();
    }
  }

  @Test
  void anImageWhoseFeaturesHaveChanged() {
    RbdDisk disk = fixture.newDisk(MEBIBYTES);
    assertReady(probe.beforeAttach(disk, LONG), SIZE);

    lab.run("rbd", "feature", "disable", disk.image().path(), "fast-diff");

    assertReady(probe.beforeAttach(disk, LONG), SIZE);
    assertReady(probe.beforeAttach(disk, LONG), SIZE);
  }

  @Test
  void theProbeIsNoWatcherAndNobodyIsKeptFromRemovingTheImage() {
    RbdDisk disk = fixture.newDisk(MEBIBYTES);
    assertReady(probe.beforeAttach(disk, LONG), SIZE);
    assertReady(probe.beforeAttach(disk, LONG), SIZE);

    assertThat(RbdHolder.watchers(lab, disk.image())).isZero();
    lab.run("rbd", "rm", "--no-progress", disk.image().path());
    assertRefused(probe.beforeAttach(disk, LONG), Reason.NOT_FOUND);
  }

  @Test
  void moreImagesThanAreKept() {
    List<RbdDisk> disks = new ArrayList<>();
    for (int i = 0; i < MORE_THAN_ARE_KEPT; i++) {
      disks.add(fixture.newDisk(MEBIBYTES));
    }
    for (int round = 0; round < 2; round++) {
      for (RbdDisk disk : disks) {
        assertReady(probe.beforeAttach(disk, LONG), SIZE);
        assertReady(probe.beforeAttach(disk, LONG), SIZE);
      }
    }
  }

  @Test
  void severalAskAboutOneImageAtOnce() {
    RbdDisk disk = fixture.newDisk(MEBIBYTES);
    for (int round = 0; round < 20; round++) {
      List<CompletableFuture<?>> answers = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        answers.add(
            CompletableFuture.runAsync(() -> assertReady(probe.beforeAttach(disk, LONG), SIZE)));
      }
      answers.forEach(CompletableFuture::join);
    }
  }

  @Test
  void aSnapshotHasTheSizeThatTheImageHadAndIsNamedIfItIsMissing() {
    RbdImage image = fixture.newDisk(MEBIBYTES).image();
    lab.run("rbd", "snap", "create", "--no-progress", image.path() + "@before");
    lab.run("rbd", "resize", image.path(), "--size", ANOTHER + "M");
    DiskOptions readOnly = DiskOptions.DEFAULTS.withReadOnly(true);
    RbdDisk snapshot = disk(image.atSnapshot("before")).withOptions(readOnly);

    assertReady(probe.beforeAttach(snapshot, LONG), SIZE);
    assertReady(probe.beforeAttach(snapshot, LONG), SIZE);
    assertThat(
            assertRefused(
                probe.beforeAttach(disk(image.atSnapshot("after")).withOptions(readOnly), LONG),
                Reason.NOT_FOUND))
        .contains(image.path() + "@after");
  }
}
