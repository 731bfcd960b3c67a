// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A disk, CD-ROM or floppy drive in one view of a domain.
 *
 * @param device libvirt's device kind: {@code disk}, {@code lun}, {@code cdrom} or {@code floppy}
 * @param targetDev its target dev, for example {@code vdb}; unique over all buses of a domain
 * @param bus the bus its target names
 * @param model its model, for example {@code virtio-transitional}, if the XML names one
 * @param source the storage in use
 * @param backingChain the storage below it, nearest first, and below its mirror
 * @param mirror the storage that a running block copy writes to, if any
 * @param serial the serial that the guest sees, if one is set
 * @param alias the device's name in QEMU, if the view shows one
 * @param address where it sits
 * @param readOnly whether the guest may not write to it
 * @param shareable whether other domains may use it at the same time
 * @param driver the attributes of its {@code <driver>} element
 * @param ioTune the values of its {@code <iotune>} element
 */
public record Disk(
    String device,
    String targetDev,
    DiskBus bus,
    @Nullable String model,
    StorageSource source,
    List<StorageSource> backingChain,
    @Nullable StorageSource mirror,
    @Nullable String serial,
    @Nullable String alias,
    @Nullable DeviceAddress address,
    boolean readOnly,
    boolean shareable,
    Map<String, String> driver,
    Map<String, String> ioTune)
    implements Holder {

  /** Copies the collections. */
  public Disk {
    backingChain = List.copyOf(backingChain);
    driver = Map.copyOf(driver);
    ioTune = Map.copyOf(ioTune);
  }

  /**
   * Whether it lies on a source: as its own, as a layer below, or as what it is being copied to.
   *
   * @param storage the source
   */
  public boolean uses(StorageSource storage) {
    return source.isSameAs(storage)
        || backingChain.stream().anyMatch(storage::isSameAs)
        || (mirror != null && mirror.isSameAs(storage));
  }

  @Override
  public boolean isOnScsiBus() {
    return bus == DiskBus.SCSI;
  }

  /** Its kind and target dev: {@code cdrom sda}. */
  @Override
  public String description() {
    return device + " " + targetDev;
  }
}
