// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.SourceSpec;
import io.diskplug.domain.Disk;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.kind.ExampleKind;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Rejected;
import io.diskplug.spi.DiskSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A volume that a domain, which does not run, has under another name: libvirt takes any path. */
class OtherNamesIT {

  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final String IQN = "iqn.2026-01.io.diskplug:elsewhere";
  private static final String LINK = "/dev/disk/by-path/ip-192.0.2.1:3260-iscsi-";
  private static final Asked IMAGE =
      new Asked(new VolumeRef(Lab.volumeId(), new SourceIdentity("rbd", "c", "volumes/light")));
  private static final Asked LUN =
      new Asked(new VolumeRef(Lab.volumeId(), new SourceIdentity("iscsi", "", IQN + "/1")));

  private final Lab lab = Lab.current();
  private final DiskPlug plug =
      DiskPlug.connect(
          lab.uri(), Options.defaults().withStorageKinds(ExampleKind.RBD, ExampleKind.ISCSI));
  private final Guest guest = Guest.define(lab, "q35");

  /** As an image of Ceph or a LUN is asked for. */
  private record Asked(VolumeRef volume) implements DiskSource {
    @Override
    public DiskOptions options() {
      return DiskOptions.DEFAULTS;
    }

    @Override
    public SourceSpec source() {
      return SourceSpec.network(volume.identity().kind(), volume.identity().name());
    }
  }

  @AfterEach
  void close() {
    guest.close();
    plug.close();
  }

  private static String disk(String type, String source) {
    return """
        <disk type='%s' device='disk'>
          <driver name='qemu' type='raw'/><source %s/><target dev='vdk' bus='virtio'/>
        </disk>
        """
        .formatted(type, source);
  }

  private void add(String element) {
    guest.deviceOk("attach-device", element, "--config");
  }

  /** A volume of a pool that is not active is taken into a definition, and not attached. */
  private void define(String element) {
    String xml = lab.virsh("dumpxml", "--inactive", guest.name());
    lab.virsh("define", file(xml.replace("</devices>", element + "</devices>")));
  }

  private String file(String content) {
    try {
      Path file = lab.file(Lab.unique("definition") + ".xml", 0);
      Files.writeString(file, content);
      return file.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String pool(String type, String more) {
    String name = Lab.unique("pool");
    lab.virsh(
        "pool-define",
        file("<pool type='%s'><name>%s</name>%s</pool>".formatted(type, name, more)));
    return name;
  }

  private void nothingTouchesIt(Asked asked) {
    List<Disk> before = guest.read(PERSISTENT).disks();
    for (Outcome outcome :
        List.of(
            plug.detach(guest.ref(), asked.volume(), DEADLINE),
            plug.attach(guest.ref(), asked, DEADLINE))) {
      assertThat(outcome)
          .isInstanceOfSatisfying(
              Rejected.class,
              rejected -> assertThat(rejected.reason()).isEqualTo(Rejected.Reason.CONFLICT));
    }
    assertThat(guest.read(PERSISTENT).disks()).isEqualTo(before);
  }

  @Test
  void anImageUnderAPathOfTheKernel() {
    add(disk("block", "dev='/dev/rbd/volumes/light'"));

    nothingTouchesIt(IMAGE);
  }

  @Test
  void aLunUnderAPathOfTheKernel() {
    add(disk("block", "dev='" + LINK + IQN + "-lun-1'"));

    nothingTouchesIt(LUN);
  }

  @Test
  void aLunOfAPool() {
    String pool =
        pool(
            "iscsi",
            "<source><host name='192.0.2.1'/><device path='%s'/></source>".formatted(IQN)
                + "<target><path>/dev/disk/by-path</path></target>");
    define(disk("volume", "pool='" + pool + "' volume='unit:0:0:1'"));

    nothingTouchesIt(LUN);
    lab.virsh("pool-undefine", pool);

    // The daemon does not know the pool any more, and pools call a LUN of this number so.
    nothingTouchesIt(LUN);
  }

  @Test
  void aLunOfAPoolThatIsNotDefined() {
    define(disk("volume", "pool='" + Lab.unique("pool") + "' volume='unit:0:0:2'"));

    // Nothing in the name is the LUN's.
    assertThat(plug.detach(guest.ref(), LUN.volume(), DEADLINE))
        .isInstanceOfSatisfying(
            AlreadyDetached.class,
            detached -> assertThat(detached.observed().unresolved()).hasSize(1));
  }

  @Test
  void aFileOfAPool() {
    FileDisk file = LabDisks.file(lab, 8 << 20);
    String pool =
        pool("dir", "<target><path>%s</path></target>".formatted(file.file().getParent()));
    define(disk("volume", "pool='" + pool + "' volume='" + file.file().getFileName() + "'"));

    assertThat(plug.attach(guest.ref(), file, DEADLINE)).isInstanceOf(Rejected.class);
    assertThat(plug.detach(guest.ref(), file.volume(), DEADLINE)).isInstanceOf(Rejected.class);
    lab.virsh("pool-undefine", pool);
  }

  @Test
  void aLunThatIsPassedThrough() {
    add(
        """
        <hostdev mode='subsystem' type='scsi'>
          <source protocol='iscsi' name='%s/1'><host name='192.0.2.1' port='3260'/></source>
        </hostdev>
        """
            .formatted(IQN));

    nothingTouchesIt(LUN);
  }

  /** What can be anything does not block, and is listed. */
  @Test
  void aVolumeGroup() {
    add(disk("block", "dev='/dev/vg/data'"));

    assertThat(plug.detach(guest.ref(), IMAGE.volume(), DEADLINE))
        .isInstanceOfSatisfying(
            AlreadyDetached.class,
            detached ->
                assertThat(detached.observed().unresolved())
                    .extracting(Disk::targetDev)
                    .contains("vdk"));
  }
}
