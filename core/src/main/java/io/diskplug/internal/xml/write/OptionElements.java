// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import io.diskplug.disk.BlockSizes;
import io.diskplug.disk.DetectZeroes;
import io.diskplug.disk.DiscardMode;
import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.Driver;
import io.diskplug.disk.IoLimit;
import io.diskplug.disk.IoMode;
import io.diskplug.disk.IoTune;
import org.jspecify.annotations.Nullable;

/** How a guest has a disk, as elements. */
final class OptionElements {

  private OptionElements() {}

  /** A raw disk of QEMU, without source and place. */
  static DiskXml disk(DiskOptions options) {
    DiskXml xml = new DiskXml();
    xml.device = "disk";
    xml.driver = driver(options.driver());
    xml.blockio = options.blockSizes().map(OptionElements::blockSizes).orElse(null);
    xml.iotune = ioTune(options.ioTune());
    xml.readonly = FlagXml.when(options.readOnly());
    xml.shareable = FlagXml.when(options.shareable());
    return xml;
  }

  private static DriverXml driver(Driver driver) {
    DriverXml xml = new DriverXml();
    xml.name = "qemu";
    xml.type = "raw";
    xml.cache = driver.cache().xmlName();
    xml.io = driver.io().map(IoMode::xmlName).orElse(null);
    xml.discard = driver.discard().map(DiscardMode::xmlName).orElse(null);
    xml.detectZeroes = driver.detectZeroes().map(DetectZeroes::xmlName).orElse(null);
    xml.iothread = driver.iothread().isPresent() ? driver.iothread().getAsInt() : null;
    xml.queues = driver.queues().isPresent() ? driver.queues().getAsInt() : null;
    return xml;
  }

  private static BlockIoXml blockSizes(BlockSizes sizes) {
    BlockIoXml xml = new BlockIoXml();
    xml.logicalBlockSize = sizes.logical();
    xml.physicalBlockSize = sizes.physical();
    return xml;
  }

  /** The limits, or null if there are none. */
  private static @Nullable IoTuneXml ioTune(IoTune tune) {
    if (tune.equals(IoTune.UNLIMITED)) {
      return null;
    }
    IoTuneXml xml = new IoTuneXml();
    xml.totalBytesSec = unlessZero(tune.totalBytes().perSecond());
    xml.totalBytesSecMax = unlessZero(tune.totalBytes().burst());
    xml.totalBytesSecMaxLength = length(tune.totalBytes());
    xml.readBytesSec = unlessZero(tune.readBytes().perSecond());
    xml.readBytesSecMax = unlessZero(tune.readBytes().burst());
    xml.readBytesSecMaxLength = length(tune.readBytes());
    xml.writeBytesSec = unlessZero(tune.writeBytes().perSecond());
    xml.writeBytesSecMax = unlessZero(tune.writeBytes().burst());
    xml.writeBytesSecMaxLength = length(tune.writeBytes());
    xml.totalIopsSec = unlessZero(tune.totalIops().perSecond());
    xml.totalIopsSecMax = unlessZero(tune.totalIops().burst());
    xml.totalIopsSecMaxLength = length(tune.totalIops());
    xml.readIopsSec = unlessZero(tune.readIops().perSecond());
    xml.readIopsSecMax = unlessZero(tune.readIops().burst());
    xml.readIopsSecMaxLength = length(tune.readIops());
    xml.writeIopsSec = unlessZero(tune.writeIops().perSecond());
    xml.writeIopsSecMax = unlessZero(tune.writeIops().burst());
    xml.writeIopsSecMaxLength = length(tune.writeIops());
    xml.sizeIopsSec = unlessZero(tune.sizeIopsSec());
    xml.groupName = tune.groupName().orElse(null);
    return xml;
  }

  private static @Nullable Long length(IoLimit limit) {
    return unlessZero(limit.burstLength().toSeconds());
  }

  private static @Nullable Long unlessZero(long value) {
    return value == 0 ? null : value;
  }
}
