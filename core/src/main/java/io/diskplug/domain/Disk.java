// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
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
 * @param mayHaveUntoldLayers whether it can lie on storage that the view does not name: the view
 *     does not say that its chain ends, and the lowest layer is in a format that can lie on another
 *     image. The view of a domain that does not run is often silent about it
 * @param mirror the storage that a running block copy writes to, if any
 * @param serial the serial that the guest sees, if one is set
 * @param alias the device's name in QEMU, if the view shows one
 * @param address where it sits
 * @param readOnly whether the guest may not write to it
 * @param shareable whether other domains may use it at the same time
 * @param driver the attributes of its {@code <driver>} element
 * @param ioTune the values of its {@code <iotune>} element
 * @param blockIo the attributes of its {@code <blockio>} element
 * @param inquiry the values of its {@code <vendor>}, {@code <product>} and {@code <wwn>} elements:
 *     what a guest is told in place of QEMU's own
 */
public record Disk(
    String device,
    String targetDev,
    DiskBus bus,
    @Nullable String model,
    StorageSource source,
    List<StorageSource> backingChain,
    boolean mayHaveUntoldLayers,
    @Nullable StorageSource mirror,
    @Nullable String serial,
    @Nullable String alias,
    @Nullable DeviceAddress address,
    boolean readOnly,
    boolean shareable,
    Map<String, String> driver,
    Map<String, String> ioTune,
    Map<String, String> blockIo,
    Map<String, String> inquiry) {

  /** {@code VIR_DOMAIN_USER_ALIAS_PREFIX}. */
  public static final String USER_ALIAS = "ua-";

  /** Copies the collections. */
  public Disk {
    backingChain = List.copyOf(backingChain);
    driver = Map.copyOf(driver);
    ioTune = Map.copyOf(ioTune);
    blockIo = Map.copyOf(blockIo);
    inquiry = Map.copyOf(inquiry);
  }

  /** Whether it is a disk or a LUN, and no drive for media. */
  public boolean isPluggable() {
    return device.equals("disk") || device.equals("lun");
  }

  /**
   * The alias that a user chose, null if libvirt has made one up: that one is shown in the live
   * view only.
   */
  public @Nullable String userAlias() {
    return alias != null && alias.startsWith(USER_ALIAS) ? alias : null;
  }

  /** Whether its alias is one that this library makes. */
  public boolean hasOwnAlias() {
    return alias != null && SourceIdentity.isOwnAlias(alias);
  }

  /** What it lies on besides its own source: the layers below, and what it is being copied to. */
  public Stream<StorageSource> otherLayers() {
    return Stream.concat(backingChain.stream(), Stream.ofNullable(mirror));
  }

  /** All that it lies on, its own source first. */
  public Stream<StorageSource> layers() {
    return Stream.concat(Stream.of(source), otherLayers());
  }

  /** The same disk with each of its layers replaced. */
  public Disk withSources(UnaryOperator<StorageSource> replaced) {
    return new Disk(
        device,
        targetDev,
        bus,
        model,
        replaced.apply(source),
        backingChain.stream().map(replaced).toList(),
        mayHaveUntoldLayers,
        mirror == null ? null : replaced.apply(mirror),
        serial,
        alias,
        address,
        readOnly,
        shareable,
        driver,
        ioTune,
        blockIo,
        inquiry);
  }

  /** Its kind and target dev: {@code cdrom sda}. */
  public String description() {
    return device + " " + targetDev;
  }
}
