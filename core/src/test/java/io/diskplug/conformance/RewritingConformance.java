// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static io.diskplug.conformance.Subject.BOTH;
import static io.diskplug.conformance.Subject.IN_CONFIG;
import static io.diskplug.conformance.Subject.IN_LIVE;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.IoLimit;
import io.diskplug.disk.IoTune;
import io.diskplug.domain.Disk;
import io.diskplug.internal.fault.Condition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Values that libvirt does not show as they were given. */
public abstract class RewritingConformance extends ConformanceSuite {

  private static final IoLimit BYTES = IoLimit.of(1_000_000);
  private static final IoLimit LONG_BURST = BYTES.withBurst(2_000_000, Duration.ofSeconds(5));
  private static final IoTune SLOW = IoTune.UNLIMITED.withTotalBytes(BYTES);
  private static final IoTune BURSTS = IoTune.UNLIMITED.withTotalBytes(LONG_BURST);
  private static final Map<String, String> LENGTH_LEFT =
      Map.of("total_bytes_sec", "1000000", "total_bytes_sec_max_length", "1");

  private String element(String targetDev, String driver, String more) {
    return "<disk type='file' device='disk'>%s<source file='%s'/><target dev='%s' bus='virtio'/>%s</disk>"
        .formatted(driver, bed().file(SIZE), targetDev, more);
  }

  /** As both views show an element. */
  private List<Disk> shown(String driver, String more) throws Exception {
    Subject pc = pc();
    pc.handle().attachDevice(element("vdb", driver, more), BOTH);
    return List.of(pc.live("vdb"), pc.config("vdb"));
  }

  @Test
  void aLengthThatIsTakenAwayIsOneAsLongAsThereIsALimit() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), BOTH);
    pc.handle().setLimits("vdb", BURSTS, BOTH);

    pc.handle().setLimits("vdb", SLOW, BOTH);
    assertThat(pc.live("vdb").ioTune()).isEqualTo(LENGTH_LEFT);
    assertThat(pc.config("vdb").ioTune()).isEqualTo(LENGTH_LEFT);

    pc.handle().setLimits("vdb", SLOW, BOTH);
    assertThat(pc.live("vdb").ioTune()).isEqualTo(LENGTH_LEFT);

    pc.handle().setLimits("vdb", IoTune.total(0, 50), BOTH);
    assertThat(pc.live("vdb").ioTune()).isEqualTo(Map.of("total_iops_sec", "50"));

    pc.handle().setLimits("vdb", SLOW, BOTH);
    assertThat(pc.live("vdb").ioTune()).isEqualTo(Map.of("total_bytes_sec", "1000000"));
  }

  @Test
  void aBurstWithoutALengthKeepsOneToo() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), BOTH);
    pc.handle().setLimits("vdb", BURSTS, IN_LIVE);

    IoTune burst = SLOW.withTotalBytes(BYTES.withBurst(3_000_000, Duration.ZERO));
    pc.handle().setLimits("vdb", burst, BOTH);

    assertThat(pc.live("vdb").ioTune())
        .containsEntry("total_bytes_sec_max", "3000000")
        .containsEntry("total_bytes_sec_max_length", "1");
    assertThat(pc.config("vdb").ioTune()).doesNotContainKey("total_bytes_sec_max_length");
  }

  @Test
  void aDiskThatComesToAGroupTakesOverWhatIsLeftOfItsLengths() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), BOTH);
    pc.attach(disk("vdc"), BOTH);
    pc.handle().setLimits("vdb", BURSTS.withGroupName("tenant"), BOTH);

    pc.handle().setLimits("vdc", SLOW.withGroupName("tenant"), BOTH);

    for (String disk : List.of("vdb", "vdc")) {
      assertThat(pc.live(disk).ioTune())
          .containsAllEntriesOf(LENGTH_LEFT)
          .containsEntry("group_name", "tenant")
          .hasSize(3);
      assertThat(pc.config(disk).ioTune()).isEqualTo(pc.live(disk).ioTune());
    }
  }

  @Test
  void theGroupOfTheLiveViewDecidesWhichGroupTheOtherOneComesTo() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), BOTH);
    pc.attach(disk("vdc"), BOTH);
    pc.handle().setLimits("vdb", SLOW.withGroupName("tenant"), IN_LIVE);
    pc.handle().setLimits("vdc", SLOW.withGroupName("tenant"), IN_CONFIG);

    pc.handle().setLimits("vdb", IoTune.total(2_000_000, 0), BOTH);

    assertThat(pc.config("vdb").ioTune()).containsEntry("group_name", "tenant");
    assertThat(pc.config("vdc").ioTune()).containsEntry("total_bytes_sec", "2000000");
  }

  @Test
  void aDiskOfAGroupIsPluggedWithItsLimitsInTheSameSpellingAlone() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), BOTH);
    pc.handle().setLimits("vdb", BURSTS.withGroupName("tenant"), BOTH);
    pc.handle().setLimits("vdb", SLOW.withGroupName("tenant"), BOTH);
    String rate = "<total_bytes_sec>1000000</total_bytes_sec>";
    String group = "<group_name>tenant</group_name>";
    String iotune = "<iotune>%s</iotune>";

    pc.unchanged(
        () ->
            refused(
                67,
                Condition.BAD_REQUEST,
                () ->
                    pc.handle()
                        .attachDevice(element("vdc", "", iotune.formatted(rate + group)), BOTH)));
    pc.handle()
        .attachDevice(
            element(
                "vdc",
                "",
                iotune.formatted(
                    rate + "<total_bytes_sec_max_length>1</total_bytes_sec_max_length>" + group)),
            BOTH);
    pc.handle().attachDevice(element("vdd", "", iotune.formatted(group)), BOTH);

    for (String disk : List.of("vdc", "vdd")) {
      assertThat(pc.live(disk).ioTune()).isEqualTo(pc.live("vdb").ioTune());
      assertThat(pc.config(disk).ioTune()).isEqualTo(pc.config("vdb").ioTune());
    }
  }

  @Test
  void zeroesAreNotShown() throws Exception {
    List<Disk> shown =
        shown(
            "<driver name='qemu' type='raw' queues='02'/>",
            "<blockio logical_block_size='0' physical_block_size='0'/>"
                + "<iotune><total_bytes_sec>0</total_bytes_sec>"
                + "<total_iops_sec>050</total_iops_sec></iotune><serial></serial>");

    assertThat(shown)
        .allSatisfy(
            disk -> {
              assertThat(disk.driver()).containsEntry("queues", "2");
              assertThat(disk.blockIo()).isEmpty();
              assertThat(disk.ioTune()).isEqualTo(Map.of("total_iops_sec", "50"));
              assertThat(disk.serial()).isNull();
            });
  }

  @Test
  void aDefaultIsNotShownAndDriverAndFormatAre() throws Exception {
    assertThat(shown("<driver cache='default'/>", ""))
        .allSatisfy(
            disk -> assertThat(disk.driver()).isEqualTo(Map.of("name", "qemu", "type", "raw")));
  }

  @Test
  void whatIsSharedIsNotCachedWhileItRuns() throws Exception {
    List<Disk> shown = shown("<driver name='qemu' type='raw'/>", "<shareable/>");

    assertThat(shown.get(0).driver()).containsEntry("cache", "none");
    assertThat(shown.get(1).driver()).doesNotContainKey("cache");
  }

  @Test
  void zeroesThatCannotBecomeDiscardsAreShownAsTheyWereGiven() throws Exception {
    assertThat(shown("<driver name='qemu' type='raw' detect_zeroes='unmap'/>", ""))
        .allSatisfy(disk -> assertThat(disk.driver()).containsEntry("detect_zeroes", "unmap"));
  }

  @Test
  void anEncryptionHasAnEngine() throws Exception {
    Subject off = machines().fresh(MachineSpec.pc());
    String luks =
        "<encryption format='luks'>" + "<secret type='passphrase' usage='none'/></encryption>";
    off.handle().attachDevice(element("vdb", "", luks), IN_CONFIG);
    off.handle()
        .attachDevice(
            element("vdc", "", "").replaceFirst("(<source [^>]*)/>", "$1>" + luks + "</source>"),
            IN_CONFIG);

    assertThat(off.config("vdb").source().encryption()).isEqualTo(bed().generation().luks());
    assertThat(off.config("vdc").source().encryption()).isEqualTo(bed().generation().luks());
  }
}
