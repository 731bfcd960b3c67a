// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import io.diskplug.domain.DiskBus;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a guest shall have a disk, whatever storage is behind it.
 *
 * @param bus the bus that the guest sees it on: {@link DiskBus#VIRTIO} or {@link DiskBus#SCSI}
 * @param driver how QEMU drives it
 * @param ioTune its limits
 * @param blockSizes the block sizes that the guest is told; empty for 512 bytes
 * @param readOnly whether the guest may not write to it
 * @param shareable whether other domains may use it at the same time
 * @param serial which serial the guest sees
 */
public record DiskOptions(
    DiskBus bus,
    Driver driver,
    IoTune ioTune,
    Optional<BlockSizes> blockSizes,
    boolean readOnly,
    boolean shareable,
    SerialChoice serial) {

  /** virtio-blk, no page cache, no limits, writable, for one domain alone. */
  public static final DiskOptions DEFAULTS =
      new DiskOptions(
          DiskBus.VIRTIO, Driver.DEFAULTS, IoTune.UNLIMITED, Optional.empty(), false, false);

  /**
   * Checks the combination.
   *
   * @throws IllegalArgumentException if the bus cannot be hot-plugged by this library, or an I/O
   *     thread or a number of queues goes with another bus than virtio: on the SCSI bus both belong
   *     to the controller; or a serial of the caller's is longer than the guest sees on the bus
   */
  public DiskOptions {
    if (bus != DiskBus.VIRTIO && bus != DiskBus.SCSI) {
      throw new IllegalArgumentException(
          "a disk can be hot-plugged on the virtio and the scsi bus, not on " + bus);
    }
    // libvirt's own refusals: qemuValidateDomainDeviceDefDiskIOThreads, virDomainDiskDefValidate.
    if (bus != DiskBus.VIRTIO && driver.iothread().isPresent()) {
      throw new IllegalArgumentException(
          "iothread " + driver.iothread().getAsInt() + " needs the virtio bus, not " + bus);
    }
    if (bus != DiskBus.VIRTIO && driver.queues().isPresent()) {
      throw new IllegalArgumentException(
          "queues " + driver.queues().getAsInt() + " needs the virtio bus, not " + bus);
    }
    serial.requireRoom(bus);
  }

  /**
   * Options with the volume id as serial.
   *
   * @param bus the bus that the guest sees it on
   * @param driver how QEMU drives it
   * @param ioTune its limits
   * @param blockSizes the block sizes that the guest is told; empty for 512 bytes
   * @param readOnly whether the guest may not write to it
   * @param shareable whether other domains may use it at the same time
   * @throws IllegalArgumentException as the canonical constructor
   */
  public DiskOptions(
      DiskBus bus,
      Driver driver,
      IoTune ioTune,
      Optional<BlockSizes> blockSizes,
      boolean readOnly,
      boolean shareable) {
    this(bus, driver, ioTune, blockSizes, readOnly, shareable, SerialChoice.ID);
  }

  /**
   * Options that leave to QEMU what is not among them.
   *
   * @param bus the bus that the guest sees it on
   * @param cache the cache mode
   * @param io the I/O mode; empty for QEMU's default
   * @param ioTune its limits
   * @param readOnly whether the guest may not write to it
   * @param shareable whether other domains may use it at the same time
   * @throws IllegalArgumentException as the other constructor and {@link Driver}
   */
  public DiskOptions(
      DiskBus bus,
      CacheMode cache,
      Optional<IoMode> io,
      IoTune ioTune,
      boolean readOnly,
      boolean shareable) {
    this(
        bus,
        new Driver(
            cache,
            io,
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            OptionalInt.empty()),
        ioTune,
        Optional.empty(),
        readOnly,
        shareable);
  }

  /** The cache mode. */
  public CacheMode cache() {
    return driver.cache();
  }

  /** The I/O mode; empty for QEMU's default. */
  public Optional<IoMode> io() {
    return driver.io();
  }

  /**
   * The same on another bus.
   *
   * @param bus the bus
   */
  public DiskOptions withBus(DiskBus bus) {
    return new DiskOptions(bus, driver, ioTune, blockSizes, readOnly, shareable, serial);
  }

  /**
   * The same, driven in another way.
   *
   * @param driver how QEMU drives it
   */
  public DiskOptions withDriver(Driver driver) {
    return new DiskOptions(bus, driver, ioTune, blockSizes, readOnly, shareable, serial);
  }

  /**
   * The same with another cache mode.
   *
   * @param cache the cache mode
   */
  public DiskOptions withCache(CacheMode cache) {
    return withDriver(driver.withCache(cache));
  }

  /**
   * The same with another I/O mode.
   *
   * @param io the I/O mode
   */
  public DiskOptions withIo(IoMode io) {
    return withDriver(driver.withIo(io));
  }

  /**
   * The same with other treatment of discards.
   *
   * @param discard what becomes of the guest's discards
   */
  public DiskOptions withDiscard(DiscardMode discard) {
    return withDriver(driver.withDiscard(discard));
  }

  /**
   * The same with other treatment of zeroes.
   *
   * @param detectZeroes what becomes of writes of zeroes
   */
  public DiskOptions withDetectZeroes(DetectZeroes detectZeroes) {
    return withDriver(driver.withDetectZeroes(detectZeroes));
  }

  /**
   * The same in an I/O thread of the domain.
   *
   * @param number the thread's number in the domain, from 1
   */
  public DiskOptions withIothread(int number) {
    return withDriver(driver.withIothread(number));
  }

  /**
   * The same with a number of request queues.
   *
   * @param number how many, 1 to 1024
   */
  public DiskOptions withQueues(int number) {
    return withDriver(driver.withQueues(number));
  }

  /**
   * The same with other limits.
   *
   * @param ioTune the limits
   */
  public DiskOptions withIoTune(IoTune ioTune) {
    return new DiskOptions(bus, driver, ioTune, blockSizes, readOnly, shareable, serial);
  }

  /**
   * The same with other block sizes.
   *
   * @param blockSizes the block sizes that the guest is told
   */
  public DiskOptions withBlockSizes(BlockSizes blockSizes) {
    return new DiskOptions(
        bus, driver, ioTune, Optional.of(blockSizes), readOnly, shareable, serial);
  }

  /**
   * The same, read-only or not.
   *
   * @param readOnly whether the guest may not write to it
   */
  public DiskOptions withReadOnly(boolean readOnly) {
    return new DiskOptions(bus, driver, ioTune, blockSizes, readOnly, shareable, serial);
  }

  /**
   * The same, shareable or not.
   *
   * @param shareable whether other domains may use it at the same time
   */
  public DiskOptions withShareable(boolean shareable) {
    return new DiskOptions(bus, driver, ioTune, blockSizes, readOnly, shareable, serial);
  }

  /**
   * The same with another serial.
   *
   * @param serial which serial the guest sees
   * @throws IllegalArgumentException if a serial of the caller's is longer than the guest sees on
   *     the bus
   */
  public DiskOptions withSerial(SerialChoice serial) {
    return new DiskOptions(bus, driver, ioTune, blockSizes, readOnly, shareable, serial);
  }
}
