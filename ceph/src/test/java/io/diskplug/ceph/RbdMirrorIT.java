// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static io.diskplug.ceph.ProbeFixture.assertReady;
import static io.diskplug.ceph.ProbeFixture.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.View;
import io.diskplug.lab.ChildJvm;
import io.diskplug.lab.Guest;
import io.diskplug.lab.Lab;
import io.diskplug.lab.LabDisks;
import io.diskplug.lab.OwnLab;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.DiskReport;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.StorageSight;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.StorageProbe.Reason;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Images that are mirrored, and one from which QEMU was shut out. A client that has the image open
 * stands for a daemon of rbd-mirror: all clients of the lab have the address 127.0.0.1.
 */
@OwnLab(storage = true)
class RbdMirrorIT {

  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofSeconds(4);
  private static final int MEBIBYTES = 16;
  private static final long SIZE = (long) MEBIBYTES << 20;
  private static final Pattern WATCHER = Pattern.compile("watcher=(\\S+)");

  private final Lab lab = Lab.current();
  private final ProbeFixture fixture = new ProbeFixture(lab);
  private final RbdProbe plain = fixture.probeWithMonitors();

  @BeforeEach
  void enableMirroring() {
    lab.run("rbd", "mirror", "pool", "enable", lab.get("CEPH_POOL"), "image");
  }

  @AfterEach
  void close() {
    plain.close();
  }

  private RbdProbe probe(String mirrorDaemon) {
    return RbdProbe.builder()
        .cluster(lab.get("CEPH_FSID"), fixture.rightKey(), List.of(LabCluster.monitor(lab)))
        .mirrorDaemonsAt(lab.get("CEPH_FSID"), List.of(mirrorDaemon))
        .build();
  }

  /** By which images are mirrored where it does not matter. */
  private String anyMode() {
    return lab.facts().imagesAreMirroredBySnapshots() ? "snapshot" : "journal";
  }

  private RbdDisk mirrored(String mode) {
    String id = Lab.volumeId();
    RbdImage image = LabCluster.image(lab, id);
    lab.run(
        "rbd",
        "create",
        image.path(),
        "--size",
        MEBIBYTES + "M",
        "--image-feature",
        mode.equals("journal") ? "exclusive-lock,journaling" : "exclusive-lock");
    lab.run("rbd", "mirror", "image", "enable", image.path(), mode);
    return LabCluster.disk(lab, id, image);
  }

  private void demote(RbdDisk disk) {
    lab.run("rbd", "mirror", "image", "demote", disk.image().path());
  }

  private static RbdDisk readOnly(RbdDisk disk) {
    return disk.withOptions(DiskOptions.DEFAULTS.withReadOnly(true));
  }

  @Test
  void theDaemonsClientCountsUnlessItsHostIsNamed() {
    RbdDisk disk = mirrored(anyMode());
    try (ChildJvm.Running daemon = RbdHolder.hold(lab, disk.image());
        RbdProbe named = probe("127.0.0.0/8");
        RbdProbe another = probe("192.0.2.1")) {
      assertThat(daemon.isAlive()).isTrue();
      for (RbdProbe probe : List.of(plain, another)) {
        assertThat(assertRefused(probe.beforeAttach(disk, LONG), Reason.IN_USE))
            .contains("127.0.0.1:0/", "mirrored", "rbd-mirror");
        assertRefused(probe.afterDetach(disk.volume(), LONG), Reason.IN_USE);
      }
      assertReady(named.beforeAttach(disk, LONG), SIZE);
      assertReady(named.afterDetach(disk.volume(), LONG), SIZE);
    }
  }

  /** Also where its client has an address that was named. */
  @Test
  void ofAnImageThatIsNotMirroredEveryClientCounts() {
    RbdDisk disk = fixture.newDisk(MEBIBYTES);
    try (ChildJvm.Running holder = RbdHolder.hold(lab, disk.image());
        RbdProbe named = probe("127.0.0.1")) {
      assertThat(holder.isAlive()).isTrue();
      assertThat(assertRefused(named.beforeAttach(disk, LONG), Reason.IN_USE))
          .doesNotContain("mirror");
      assertRefused(named.afterDetach(disk.volume(), LONG), Reason.IN_USE);
    }
  }

  /** A probe that has the image open from before sees the demotion, too. */
  @Test
  void aDemotedImageIsToldByEachKindOfMirroring() {
    RbdDisk journal = mirrored("journal");
    List<RbdDisk> bySnapshot =
        lab.facts().imagesAreMirroredBySnapshots() ? List.of(mirrored("snapshot")) : List.of();
    for (RbdDisk disk : Stream.concat(Stream.of(journal), bySnapshot.stream()).toList()) {
      assertReady(plain.beforeAttach(disk, LONG), SIZE);
      demote(disk);
      assertThat(assertRefused(plain.beforeAttach(disk, LONG), Reason.NOT_PRIMARY))
          .contains(disk.image().path(), "promote");
    }
    assertRefused(plain.beforeAttach(readOnly(journal), LONG), Reason.NOT_PRIMARY);
    for (RbdDisk snapshot : bySnapshot) {
      assertReady(plain.beforeAttach(readOnly(snapshot), LONG), SIZE);
    }

    lab.run("rbd", "mirror", "image", "promote", journal.image().path());
    assertReady(plain.beforeAttach(journal, LONG), SIZE);
  }

  @Test
  void aMirroredImageIsAttachedAndDetachedBesideTheDaemon() {
    RbdDisk disk = mirrored(anyMode());
    try (Guest guest = Guest.boot(lab, "q35");
        ChildJvm.Running daemon = RbdHolder.hold(lab, disk.image());
        RbdProbe named = probe("192.0.2.1");
        DiskPlug without = plug(named)) {
      assertThat(daemon.isAlive()).isTrue();
      Unavailable inUse = (Unavailable) without.attach(guest.ref(), disk, SHORT);
      assertThat(inUse.reason()).isEqualTo(Unavailable.Reason.VOLUME_IN_USE);
      assertThat(inUse.explanation()).contains("rbd-mirror");

      // The lab's QEMU has the same address as the daemon, and is not seen either.
      try (RbdProbe all = probe("127.0.0.1");
          DiskPlug plug = plug(all)) {
        assertThat(plug.attach(guest.ref(), disk, LONG)).isInstanceOf(Attached.class);
        guest.awaitDisk(disk.volumeId());
        assertThat(without.detach(guest.ref(), disk.volume(), SHORT)).isInstanceOf(Pending.class);
        DetachOutcome outcome = plug.detach(guest.ref(), disk.volume(), LONG);
        assertThat(outcome.isDetached()).isTrue();
        assertThat(guest.xml(View.LIVE)).doesNotContain(disk.image().path());
      }
    }
  }

  private DiskPlug plug(RbdProbe probe) {
    return DiskPlug.connect(
        lab.uri(),
        Options.defaults()
            .withMonitor(false)
            .withRequiredProof(Proof.STORAGE)
            .withStorageProbes(probe));
  }

  @Test
  void aDemotedImageIsNotAttached() {
    RbdDisk disk = mirrored("journal");
    demote(disk);
    try (Guest guest = Guest.boot(lab, "q35");
        DiskPlug plug = DiskPlug.connect(lab.uri(), Options.defaults().withStorageProbes(plain))) {
      Rejected rejected = (Rejected) plug.attach(guest.ref(), disk, LONG);

      assertThat(rejected.reason()).isEqualTo(Rejected.Reason.NOT_PRIMARY);
      assertThat(guest.xml(View.LIVE)).doesNotContain(disk.image().path());
      lab.run("rbd", "mirror", "image", "promote", disk.image().path());
      assertThat(plug.attach(guest.ref(), disk, LONG)).isInstanceOf(Attached.class);
      assertThat(plug.detach(guest.ref(), disk.volume(), LONG)).isInstanceOf(Detached.class);
    }
  }

  @Test
  void afterABlocklistAnInspectionSaysThatNoClientHasTheImage() {
    RbdDisk disk = fixture.newDisk(MEBIBYTES);
    try (Guest guest = Guest.boot(lab, "q35");
        DiskPlug plug = DiskPlug.connect(lab.uri(), Options.defaults().withStorageProbes(plain))) {
      FileDisk file = LabDisks.file(lab, 1 << 20);
      assertThat(plug.attach(guest.ref(), disk, LONG)).isInstanceOf(Attached.class);
      assertThat(plug.attach(guest.ref(), file, LONG)).isInstanceOf(Attached.class);
      guest.awaitDisk(disk.volumeId());
      assertThat(sight(plug, guest).inUse()).hasValue(true);
      Matcher watcher = WATCHER.matcher(lab.run("rbd", "status", disk.image().path()));
      assertThat(watcher.find()).isTrue();
      String address = watcher.group(1);
      lab.run("ceph", "osd", lab.facts().blocklist(), "add", address);
      try {
        assertThat(RbdHolder.watchers(lab, disk.image())).isZero();

        Inspected inspected = (Inspected) plug.inspect(guest.ref(), LONG);

        assertThat(inspected.isClean()).isFalse();
        if (lab.facts().namingNodesNeedsStorage()) {
          // One dead image keeps QEMU from telling what it has open, of each disk.
          assertThat(inspected.whyNotAsked()).get().asString().contains("error");
        } else {
          assertThat(inspected.whyNotAsked()).isEmpty();
        }
        // Where QEMU cannot be asked, the answer comes at the deadline.
        boolean cannotAsk = lab.facts().namingNodesNeedsStorage();
        assertThat(plug.detach(guest.ref(), file.volume(), cannotAsk ? SHORT : LONG).isDetached())
            .isNotEqualTo(cannotAsk);
        assertThat(inspected.disks())
            .filteredOn(report -> report.source().kind().equals("rbd"))
            .singleElement()
            .satisfies(
                report -> {
                  assertThat(report.isCutOff()).isTrue();
                  assertThat(report.storage().orElseThrow().explanation())
                      .contains(disk.image().path(), "no client", "blocklist");
                });
        assertThat(plug.attach(guest.ref(), disk, LONG)).isInstanceOf(AlreadyAttached.class);

        // What the finding recommends: QEMU connects anew.
        assertThat(plug.detach(guest.ref(), disk.volume(), LONG).isDetached()).isTrue();
        assertThat(plug.detach(guest.ref(), file.volume(), LONG).isDetached()).isTrue();
        assertThat(plug.attach(guest.ref(), disk, LONG)).isInstanceOf(Attached.class);
        assertThat(((Inspected) plug.inspect(guest.ref(), LONG)).disks())
            .noneMatch(DiskReport::isCutOff);
      } finally {
        lab.run("ceph", "osd", lab.facts().blocklist(), "rm", address);
      }
    }
  }

  private static StorageSight sight(DiskPlug plug, Guest guest) {
    return ((Inspected) plug.inspect(guest.ref(), LONG)).disks().get(0).storage().orElseThrow();
  }
}
