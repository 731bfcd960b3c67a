// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.diskplug.internal.model.OtherAddress;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressTest {

  @Test
  void areWrittenAsPeopleWriteThem() {
    assertThat(new PciAddress(1, 0x2a, 0x1f, 7)).hasToString("0001:2a:1f.7");
    assertThat(PciAddress.of(1, 2)).hasToString("0000:01:02.0");
    assertThat(new DriveAddress(1, 2, 3, 4)).hasToString("1:2:3:4");
    assertThat(new CcwAddress(0xfe, 3, 0xab)).hasToString("fe.3.00ab");
  }

  @Test
  void knowTheirTypes() {
    assertThat(PciAddress.of(0, 1).type()).isEqualTo("pci");
    assertThat(new DriveAddress(0, 0, 0, 0).type()).isEqualTo("drive");
    assertThat(CcwAddress.ofVirtio(0).type()).isEqualTo("ccw");
    assertThat(new OtherAddress("usb").type()).isEqualTo("usb");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, 0",
    "65535, 255, 31, 7",
  })
  void pciNumbersHaveTheseLimits(int domain, int bus, int slot, int function) {
    assertThat(new PciAddress(domain, bus, slot, function).function()).isEqualTo(function);
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 0, 0, 0, 'PCI domain -1 is not between 0 and 65535'",
    "65536, 0, 0, 0, 'PCI domain 65536 is not between 0 and 65535'",
    "0, -1, 0, 0, 'PCI bus -1 is not between 0 and 255'",
    "0, 256, 0, 0, 'PCI bus 256 is not between 0 and 255'",
    "0, 0, -1, 0, 'PCI slot -1 is not between 0 and 31'",
    "0, 0, 32, 0, 'PCI slot 32 is not between 0 and 31'",
    "0, 0, 0, -1, 'PCI function -1 is not between 0 and 7'",
    "0, 0, 0, 8, 'PCI function 8 is not between 0 and 7'",
  })
  void pciNumbersBeyondAreRefused(int domain, int bus, int slot, int function, String problem) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PciAddress(domain, bus, slot, function))
        .withMessage(problem);
  }

  @Test
  void zeroIsNoPciAddress() {
    assertThat(new PciAddress(0, 0, 0, 0).isZero()).isTrue();
    assertThat(new PciAddress(1, 0, 0, 0).isZero()).isFalse();
    assertThat(new PciAddress(0, 1, 0, 0).isZero()).isFalse();
    assertThat(new PciAddress(0, 0, 1, 0).isZero()).isFalse();
    assertThat(new PciAddress(0, 0, 0, 1).isZero()).isFalse();
  }

  @Test
  void functionsShareASlot() {
    PciAddress address = new PciAddress(1, 2, 3, 4);
    assertThat(address.sameSlot(new PciAddress(1, 2, 3, 5))).isTrue();
    assertThat(address.sameSlot(new PciAddress(0, 2, 3, 4))).isFalse();
    assertThat(address.sameSlot(new PciAddress(1, 0, 3, 4))).isFalse();
    assertThat(address.sameSlot(new PciAddress(1, 2, 0, 4))).isFalse();
  }

  @Test
  void pciAddressesAreInOrder() {
    Stream<PciAddress> addresses =
        Stream.of(
            new PciAddress(1, 0, 0, 0),
            new PciAddress(0, 1, 0, 0),
            new PciAddress(0, 0, 1, 0),
            new PciAddress(0, 0, 0, 1),
            new PciAddress(0, 0, 0, 0));
    assertThat(addresses.sorted().map(PciAddress::toString))
        .containsExactly(
            "0000:00:00.0", "0000:00:00.1", "0000:00:01.0", "0000:01:00.0", "0001:00:00.0");
  }

  @ParameterizedTest
  @CsvSource({"-1, 0, 0, 0", "0, -1, 0, 0", "0, 0, -1, 0", "0, 0, 0, -1"})
  void driveNumbersAreNotNegative(int controller, int bus, int target, int unit) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DriveAddress(controller, bus, target, unit))
        .withMessageStartingWith("negative drive address: ");
  }

  @Test
  void channelNumbersHaveLimits() {
    assertThat(new CcwAddress(0xfe, 3, 0xffff)).hasToString("fe.3.ffff");
    assertThat(new CcwAddress(0, 0, 0)).hasToString("0.0.0000");
  }

  @ParameterizedTest
  @CsvSource({"-1, 0, 0", "255, 0, 0", "0, -1, 0", "0, 4, 0", "0, 0, -1", "0, 0, 65536"})
  void channelNumbersBeyondAreRefused(int cssid, int ssid, int devno) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CcwAddress(cssid, ssid, devno))
        .withMessageStartingWith("CCW address out of range: ");
  }

  @Test
  void virtioDevicesAreInOnePlace() {
    assertThat(CcwAddress.ofVirtio(3)).isEqualTo(new CcwAddress(0xfe, 0, 3));
    assertThat(CcwAddress.ofVirtio(3).isForVirtio()).isTrue();
    assertThat(new CcwAddress(0xfd, 0, 3).isForVirtio()).isFalse();
    assertThat(new CcwAddress(0xfe, 1, 3).isForVirtio()).isFalse();
  }
}
