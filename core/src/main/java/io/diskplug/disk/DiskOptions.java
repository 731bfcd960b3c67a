// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import io.diskplug.diskxml.DiskXml;
import io.diskplug.diskxml.DriverXml;
import io.diskplug.diskxml.FlagXml;
import io.diskplug.domain.DiskBus;
import java.util.Optional;

/**
 * How a guest shall have a disk, whatever storage is behind it.
 *
 * @param bus the bus that the guest sees it on: {@link DiskBus#VIRTIO} or {@link DiskBus#SCSI}
 * @param cache the cache mode
 * @param io the I/O mode; empty for QEMU's default
 * @param ioTune its limits
 * @param readOnly whether the guest may not write to it
 * @param shareable whether other domains may use it at the same time
 */
public record DiskOptions(
    DiskBus bus,
    CacheMode cache,
    Optional<IoMode> io,
    IoTune ioTune,
    boolean readOnly,
    boolean shareable) {

  /** virtio-blk, no page cache, no limits, writable, for one domain alone. */
  public static final DiskOptions DEFAULTS =
      new DiskOptions(
          DiskBus.VIRTIO, CacheMode.NONE, Optional.empty(), IoTune.UNLIMITED, false, false);

  /**
   * Checks the combination.
   *
   * @throws IllegalArgumentException if the bus cannot be hot-plugged by this library, or native
   *     I/O goes with a cache mode that uses the page cache
   */
  public DiskOptions {
    if (bus != DiskBus.VIRTIO && bus != DiskBus.SCSI) {
      throw new IllegalArgumentException(
          "a disk can be hot-plugged on the virtio and the scsi bus, not on " + bus);
    }
    if (io.filter(IoMode.NATIVE::equals).isPresent() && !cache.direct()) {
      throw new IllegalArgumentException(
          "io='native' needs cache='none' or 'directsync', not '" + cache.xmlName() + "'");
    }
  }

  /**
   * The same on another bus.
   *
   * @param bus the bus
   */
  public DiskOptions withBus(DiskBus bus) {
    return new DiskOptions(bus, cache, io, ioTune, readOnly, shareable);
  }

  /**
   * The same with another cache mode.
   *
   * @param cache the cache mode
   */
  public DiskOptions withCache(CacheMode cache) {
    return new DiskOptions(bus, cache, io, ioTune, readOnly, shareable);
  }

  /**
   * The same with another I/O mode.
   *
   * @param io the I/O mode
   */
  public DiskOptions withIo(IoMode io) {
    return new DiskOptions(bus, cache, Optional.of(io), ioTune, readOnly, shareable);
  }

  /**
   * The same with other limits.
   *
   * @param ioTune the limits
   */
  public DiskOptions withIoTune(IoTune ioTune) {
    return new DiskOptions(bus, cache, io, ioTune, readOnly, shareable);
  }

  /**
   * The same, read-only or not.
   *
   * @param readOnly whether the guest may not write to it
   */
  public DiskOptions withReadOnly(boolean readOnly) {
    return new DiskOptions(bus, cache, io, ioTune, readOnly, shareable);
  }

  /**
   * The same, shareable or not.
   *
   * @param shareable whether other domains may use it at the same time
   */
  public DiskOptions withShareable(boolean shareable) {
    return new DiskOptions(bus, cache, io, ioTune, readOnly, shareable);
  }

  /** A raw disk of QEMU with these options, for a backend to put its source into. */
  public DiskXml toXml() {
    DiskXml xml = new DiskXml();
    xml.device = "disk";
    DriverXml driver = new DriverXml();
    driver.name = "qemu";
    driver.type = "raw";
    driver.cache = cache.xmlName();
    driver.io = io.map(IoMode::xmlName).orElse(null);
    xml.driver = driver;
    xml.iotune = ioTune.toXml();
    xml.readonly = FlagXml.when(readOnly);
    xml.shareable = FlagXml.when(shareable);
    return xml;
  }
}
