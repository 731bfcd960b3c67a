// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.domain.DiskBus;
import io.diskplug.internal.xml.write.DiskXml;
import io.diskplug.internal.xml.write.DiskXmlWriter;
import io.diskplug.internal.xml.write.Written;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DiskOptionsTest {

  @Test
  void theDefaultsBypassThePageCacheAndLimitNothing() {
    assertThat(DiskXmlWriter.write(Written.options(DiskOptions.DEFAULTS)))
        .isEqualTo(
            "<disk device=\"disk\"><driver name=\"qemu\" type=\"raw\" cache=\"none\"/></disk>");
    assertThat(DiskOptions.DEFAULTS.bus()).isEqualTo(DiskBus.VIRTIO);
  }

  @Test
  void everyOptionIsWritten() {
    DiskOptions options =
        DiskOptions.DEFAULTS
            .withBus(DiskBus.SCSI)
            .withCache(CacheMode.DIRECTSYNC)
            .withIo(IoMode.NATIVE)
            .withIoTune(IoTune.total(104857600, 1000))
            .withReadOnly(true)
            .withShareable(true);

    assertThat(options.bus()).isEqualTo(DiskBus.SCSI);
    assertThat(DiskXmlWriter.write(Written.options(options)))
        .isEqualTo(
            "<disk device=\"disk\">"
                + "<driver name=\"qemu\" type=\"raw\" cache=\"directsync\" io=\"native\"/>"
                + "<iotune><total_bytes_sec>104857600</total_bytes_sec>"
                + "<total_iops_sec>1000</total_iops_sec></iotune>"
                + "<readonly/><shareable/></disk>");
  }

  @Test
  void anOptionCanBeTakenBack() {
    assertThat(
            DiskOptions.DEFAULTS
                .withReadOnly(true)
                .withShareable(true)
                .withIoTune(IoTune.total(1, 1))
                .withCache(CacheMode.WRITEBACK)
                .withBus(DiskBus.SCSI)
                .withReadOnly(false)
                .withShareable(false)
                .withIoTune(IoTune.UNLIMITED)
                .withCache(CacheMode.NONE)
                .withBus(DiskBus.VIRTIO))
        .isEqualTo(DiskOptions.DEFAULTS);
  }

  @Test
  void theElementIsMadeAnewEachTime() {
    DiskXml first = Written.options(DiskOptions.DEFAULTS);
    first.serial = "changed";

    assertThat(Written.options(DiskOptions.DEFAULTS)).isNotSameAs(first);
    assertThat(Written.options(DiskOptions.DEFAULTS).serial).isNull();
  }

  @ParameterizedTest
  @EnumSource(
      value = DiskBus.class,
      names = {"VIRTIO", "SCSI"},
      mode = EnumSource.Mode.EXCLUDE)
  void aBusThatCannotBeHotPluggedIsRefused(DiskBus bus) {
    assertThatThrownBy(() -> DiskOptions.DEFAULTS.withBus(bus))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(bus.name());
  }

  @ParameterizedTest
  @EnumSource(
      value = CacheMode.class,
      names = {"NONE", "DIRECTSYNC"},
      mode = EnumSource.Mode.EXCLUDE)
  void nativeIoThroughThePageCacheIsRefused(CacheMode cache) {
    assertThatThrownBy(() -> DiskOptions.DEFAULTS.withIo(IoMode.NATIVE).withCache(cache))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + cache.xmlName() + "'")
        .hasMessageContaining("native");
    assertThat(DiskOptions.DEFAULTS.withIo(IoMode.THREADS).withCache(cache).cache())
        .isEqualTo(cache);
    assertThat(DiskOptions.DEFAULTS.withIo(IoMode.IO_URING).withCache(cache).cache())
        .isEqualTo(cache);
  }

  @ParameterizedTest
  @CsvSource({
    "NONE, none",
    "WRITETHROUGH, writethrough",
    "WRITEBACK, writeback",
    "DIRECTSYNC, directsync",
    "UNSAFE, unsafe"
  })
  void cacheModesHaveLibvirtsSpelling(CacheMode cache, String xmlName) {
    assertThat(cache.xmlName()).isEqualTo(xmlName);
  }

  @ParameterizedTest
  @CsvSource({"THREADS, threads", "NATIVE, native", "IO_URING, io_uring"})
  void ioModesHaveLibvirtsSpelling(IoMode io, String xmlName) {
    assertThat(io.xmlName()).isEqualTo(xmlName);
  }

  @Test
  void everyOptionOfTheVirtioBusIsWritten() {
    DiskOptions options =
        DiskOptions.DEFAULTS
            .withDiscard(DiscardMode.UNMAP)
            .withDetectZeroes(DetectZeroes.UNMAP)
            .withIothread(2)
            .withQueues(4)
            .withBlockSizes(new BlockSizes(512, 4096));

    assertThat(DiskXmlWriter.write(Written.options(options)))
        .isEqualTo(
            "<disk device=\"disk\">"
                + "<driver name=\"qemu\" type=\"raw\" cache=\"none\" discard=\"unmap\""
                + " detect_zeroes=\"unmap\" iothread=\"2\" queues=\"4\"/>"
                + "<blockio logical_block_size=\"512\" physical_block_size=\"4096\"/></disk>");
  }

  @Test
  void whatBelongsToTheControllerOnTheScsiBusIsRefusedThere() {
    assertThatThrownBy(() -> DiskOptions.DEFAULTS.withQueues(4).withBus(DiskBus.SCSI))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("queues 4 needs the virtio bus, not SCSI");
    assertThatThrownBy(() -> DiskOptions.DEFAULTS.withBus(DiskBus.SCSI).withIothread(2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("iothread 2 needs the virtio bus, not SCSI");
  }

  @Test
  void theShortConstructorLeavesTheRestToQemu() {
    assertThat(
            new DiskOptions(
                DiskBus.SCSI,
                CacheMode.WRITEBACK,
                Optional.of(IoMode.THREADS),
                IoTune.total(1, 2),
                true,
                true))
        .isEqualTo(
            DiskOptions.DEFAULTS
                .withBus(DiskBus.SCSI)
                .withCache(CacheMode.WRITEBACK)
                .withIo(IoMode.THREADS)
                .withIoTune(IoTune.total(1, 2))
                .withReadOnly(true)
                .withShareable(true));
  }

  @ParameterizedTest
  @CsvSource({"UNMAP, unmap", "IGNORE, ignore"})
  void discardModesHaveLibvirtsSpelling(DiscardMode discard, String xmlName) {
    assertThat(discard.xmlName()).isEqualTo(xmlName);
  }

  @ParameterizedTest
  @CsvSource({"OFF, off", "ON, on", "UNMAP, unmap"})
  void treatmentsOfZeroesHaveLibvirtsSpelling(DetectZeroes zeroes, String xmlName) {
    assertThat(zeroes.xmlName()).isEqualTo(xmlName);
  }
}
