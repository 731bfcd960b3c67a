// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static io.diskplug.conformance.Subject.BOTH;
import static io.diskplug.conformance.Subject.IN_CONFIG;
import static io.diskplug.conformance.Subject.IN_LIVE;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.View;
import io.diskplug.internal.fault.Condition;
import io.diskplug.internal.fault.FaultException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Target devs, aliases and serials: what is kept, what is refused, what is dropped. */
public abstract class NamesConformance extends ConformanceSuite {

  private static final String LONG_SERIAL = "pvc-22650282-34fe-41d6-a4f5-1f5ad5b1a4a7";

  @Test
  void aUserAliasIsKeptInBothViewsAndNamesTheDevice() throws Exception {
    Subject pc = pc();
    String alias = alias();

    pc.attach(disk("vdb").alias(alias), BOTH);

    assertThat(pc.live("vdb").alias()).isEqualTo(alias);
    assertThat(pc.config("vdb").alias()).isEqualTo(alias);
    assertThat(pc.qemuHasDevice(alias)).isTrue();
  }

  @Test
  void withoutOneTheLiveViewHasAnAliasMadeOfTheTargetDevsIndex() throws Exception {
    Subject pc = pc();

    pc.attach(disk("vdc"), BOTH);

    assertThat(pc.live("vdc").alias()).isEqualTo("virtio-disk2");
    assertThat(pc.config("vdc").alias()).isNull();
    assertThat(pc.qemuHasDevice("virtio-disk2")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ua-with.dot", "ua-with:colon", "ua-with/slash", "ua-with space", "no-prefix"})
  void anOddAliasIsDroppedAndTheAttachSucceeds(String odd) throws Exception {
    Subject pc = pc();

    pc.attach(disk("vdb").alias(odd), BOTH);

    assertThat(pc.live("vdb").alias()).isEqualTo("virtio-disk1");
    assertThat(pc.config("vdb").alias()).isNull();
  }

  @Test
  void aLongAliasIsKept() throws Exception {
    Subject pc = pc();
    String alias = "ua-" + "long_".repeat(30);

    pc.attach(disk("vdb").alias(alias), BOTH);

    assertThat(pc.live("vdb").alias()).isEqualTo(alias);
    assertThat(pc.config("vdb").alias()).isEqualTo(alias);
    assertThat(pc.qemuHasDevice(alias)).isTrue();
  }

  @ParameterizedTest
  @EnumSource(View.class)
  void aSecondDiskWithTheAliasIsRefusedInEitherView(View view) throws Exception {
    Subject pc = pc();
    String alias = alias();
    pc.attach(disk("vdb").alias(alias), BOTH);
    DiskElement other = disk("vdc").alias(alias);

    pc.unchanged(() -> refused(67, Condition.ALIAS_TAKEN, () -> pc.attach(other, Set.of(view))));
  }

  @ParameterizedTest
  @EnumSource(View.class)
  void anAliasThatOneViewHasIsRefusedForBoth(View has) throws Exception {
    Subject pc = pc();
    String alias = alias();
    pc.attach(disk("vdb").alias(alias), Set.of(has));
    DiskElement other = disk("vdc").alias(alias);

    pc.unchanged(() -> refused(67, Condition.ALIAS_TAKEN, () -> pc.attach(other, BOTH)));
  }

  @ParameterizedTest
  @EnumSource(View.class)
  void theAliasIsComplainedOfBeforeTheTargetDev(View view) throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias());
    pc.attach(disk, BOTH);

    pc.unchanged(() -> refused(67, Condition.ALIAS_TAKEN, () -> pc.attach(disk, Set.of(view))));
  }

  @Test
  void theViewsMayHaveDifferentDisksUnderOneAlias() throws Exception {
    Subject pc = pc();
    String alias = alias();

    pc.attach(disk("vdb").alias(alias), IN_LIVE);
    pc.attach(disk("vdc").alias(alias), IN_CONFIG);

    assertThat(pc.live("vdb").alias()).isEqualTo(alias);
    assertThat(pc.config("vdc").alias()).isEqualTo(alias);
  }

  @Test
  void anAliasMadeByLibvirtCollidesWhereTwoTargetDevsHaveOneIndex() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vda"), IN_LIVE);
    DiskElement other = disk("sda");

    pc.unchanged(() -> refused(1, Condition.NAME_TAKEN_IN_QEMU, () -> pc.attach(other, IN_LIVE)));
    pc.unchanged(() -> refused(1, Condition.NAME_TAKEN_IN_QEMU, () -> pc.attach(other, BOTH)));

    pc.attach(other.alias(alias()), IN_LIVE);
    pc.isIn(IN_LIVE, "sda");
  }

  @Test
  void aTargetDevIsUniqueOverAllBuses() throws Exception {
    Subject pc = pc();
    pc.attach(disk("sdb").alias(alias()), BOTH);
    DiskElement other = disk("sdb").on("scsi");

    pc.unchanged(() -> refused(27, Condition.TARGET_TAKEN, () -> pc.attach(other, IN_LIVE)));
    pc.unchanged(() -> refused(55, Condition.TARGET_TAKEN, () -> pc.attach(other, IN_CONFIG)));
  }

  @ParameterizedTest
  @CsvSource({"vdb1, 67", "vd, 27"})
  void aTargetDevThatIsNoneIsRefused(String target, int code) throws Exception {
    Subject pc = pc();
    DiskElement disk = disk(target);

    pc.unchanged(() -> refused(code, Condition.BAD_REQUEST, () -> pc.attach(disk, BOTH)));
  }

  @Test
  void aTargetDevOfNoBusIsRefused() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("xyz");
    int code = bed().generation().unknownTargetPrefixCode();

    pc.unchanged(() -> refused(code, Condition.BAD_REQUEST, () -> pc.attach(disk, BOTH)));
  }

  @Test
  void twoLettersAreATargetDevLikeAnyOther() throws Exception {
    Subject pc = pc();

    pc.attach(disk("vdaa"), BOTH);

    assertThat(pc.live("vdaa").alias()).isEqualTo("virtio-disk26");
  }

  @Test
  void aSerialWithUnsafeCharactersIsRefused() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").serial("a:b");

    pc.unchanged(() -> refused(1, Condition.OTHER, () -> pc.attach(disk, BOTH)));
  }

  @ParameterizedTest
  @CsvSource({"virtio, vdb, 20, 40", "scsi, sdb, 36, 36", "scsi, sdb, 20, 20"})
  void aGuestSeesAsMuchOfASerialAsTheBusHasRoomFor(String bus, String target, int seen, int length)
      throws Exception {
    Subject pc = pc();
    String serial = LONG_SERIAL.substring(0, length);

    pc.attach(disk(target).on(bus).serial(serial), BOTH);

    assertThat(pc.live(target).serial()).isEqualTo(serial);
    assertThat(pc.config(target).serial()).isEqualTo(serial);
    pc.awaitGuestSerial(serial.substring(0, seen));
  }

  /** QEMU 7.2 cuts it, QEMU from 9.1 on refuses it. */
  @Test
  void aLongerSerialOfAScsiDiskIsCutOrRefused() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("sdb").on("scsi").serial(LONG_SERIAL);
    try {
      pc.attach(disk, BOTH);
    } catch (FaultException e) {
      pc.unchanged(() -> refused(1, Condition.SERIAL_TOO_LONG, () -> pc.attach(disk, BOTH)));
      return;
    }
    assertThat(pc.live("sdb").serial()).isEqualTo(LONG_SERIAL);
    pc.awaitGuestSerial(LONG_SERIAL.substring(0, 36));
  }
}
