// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.Disk;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.HeldByDisk;
import io.diskplug.internal.model.Holder;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.local.FileDisk;
import java.util.List;
import java.util.Objects;

/** Whether both views, QEMU and the guest say the same of a disk, each asked for itself. */
final class Agreement {

  private final Lab lab;
  private final Guest guest;

  Agreement(Lab lab, Guest guest) {
    this.lab = lab;
    this.guest = guest;
  }

  /** Exactly one disk of the volume, everywhere, and no unplug request noted. */
  void attachedOnce(FileDisk disk) {
    pluggedOnce(disk);
    assertThat(new QemuMonitor(lab, guest).opened(disk)).as("open in QEMU").isEqualTo(1);
  }

  /** The same, where QEMU may have the file open once more, without a device. */
  void pluggedOnce(FileDisk disk) {
    guest.awaitDisk(disk.volumeId());
    Disk live = onlyDisk(View.LIVE, disk);
    Disk persistent = onlyDisk(View.PERSISTENT, disk);
    assertThat(persistent.targetDev()).isEqualTo(live.targetDev());
    assertThat(persistent.address()).isEqualTo(live.address());
    QemuMonitor qemu = new QemuMonitor(lab, guest);
    assertThat(live.alias()).isNotNull();
    assertThat(qemu.hasDevice(String.valueOf(live.alias()))).as("QEMU has the device").isTrue();
    assertThat(seen(disk)).as("disks in the guest").isEqualTo(1);
  }

  private Disk onlyDisk(View view, FileDisk disk) {
    List<Disk> disks = disksOf(soundView(view), disk);
    assertThat(disks).as("disks in the %s view", view).hasSize(1);
    return disks.get(0);
  }

  /** No disk of the volume anywhere, and no unplug request noted. */
  void detached(FileDisk disk) {
    for (View view : View.values()) {
      assertThat(disksOf(soundView(view), disk)).as("disks in the %s view", view).isEmpty();
    }
    QemuMonitor qemu = new QemuMonitor(lab, guest);
    assertThat(qemu.hasDevice(disk.volume().identity().alias())).as("QEMU has it").isFalse();
    assertThat(qemu.opened(disk)).as("open in QEMU").isZero();
    guest.awaitNoDisk(disk.volumeId());
  }

  /** The disks of a volume in a view, by source or serial. */
  private static List<Disk> disksOf(DomainView view, FileDisk disk) {
    return view.disks().stream()
        .filter(
            found ->
                disk.file().toString().equals(found.source().canonicalName())
                    || disk.volumeId().equals(found.serial()))
        .toList();
  }

  private long seen(FileDisk disk) {
    return guest.sees().stream()
        .filter(found -> !found.serial().isEmpty() && disk.volumeId().startsWith(found.serial()))
        .count();
  }

  /** A view in which nothing has the target dev, address or alias of something else, nor a note. */
  DomainView soundView(View view) {
    String xml = guest.xml(view);
    assertThat(xml).as("the %s view", view).doesNotContain("urn:diskplug:unplug");
    DomainView read = DomainXmlReader.readDomain(xml, view);
    assertThat(read.disks().stream().map(Disk::targetDev).toList())
        .as("target devs of the %s view", view)
        .doesNotHaveDuplicates();
    assertThat(read.disks().stream().map(Disk::alias).filter(Objects::nonNull).toList())
        .as("aliases of the disks of the %s view", view)
        .doesNotHaveDuplicates();
    assertThat(
            read.holders().stream()
                .filter(
                    holder ->
                        holder instanceof HeldByDisk || holder.address() instanceof PciAddress)
                .map(Holder::address)
                .filter(Objects::nonNull)
                .toList())
        .as("addresses of the %s view", view)
        .doesNotHaveDuplicates();
    return read;
  }
}
