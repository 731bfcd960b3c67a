// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What libvirt 9.0 and QEMU 7.2 said of controllers that were plugged; and the same of a disk. */
class ControllerFaultsTest {

  private static Classification classify(Call call, int code, String message) {
    return FaultClassifier.standard().classify(new LibvirtFault(call, code, 10, message));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "9 | operation failed: target scsi:0 already exists | INDEX_TAKEN | ALREADY_DONE",
        "55 | Requested operation is not valid: controller index='0' already exists | INDEX_TAKEN | ALREADY_DONE",
        "67 | unsupported configuration: non unique alias detected: ua-diskplug-scsi-0 | ALIAS_TAKEN | ALREADY_DONE",
        "27 | XML error: Attempted double use of PCI Address 0000:08:00.0 | ADDRESS_TAKEN | UNKNOWN",
        "1 | internal error: unable to execute QEMU command 'device_add': PCI: slot 7 function 0 not available for virtio-scsi-pci, in use by virtio-scsi-pci,id=ua-diskplug-scsi-0 | ADDRESS_TAKEN | UNKNOWN",
        "1 | internal error: unable to execute QEMU command 'device_add': Duplicate device ID 'ua-diskplug-scsi-0' | NAME_TAKEN_IN_QEMU | UNKNOWN",
        "1 | internal error: No more available PCI slots | NO_ROOM | FATAL",
        "1 | internal error: unable to execute QEMU command 'device_add': Bus 'pci.0' does not support hotplugging | NOT_PLUGGABLE | FATAL",
        "27 | XML error: The device at PCI address 0000:00:0b.0 requires hotplug capability, but the PCI controller with index='0' doesn't support hotplug | NOT_PLUGGABLE | FATAL",
        "67 | unsupported configuration: controller iothread '1' not defined in iothreadid | BAD_REQUEST | FATAL",
        "68 | Timed out during operation: cannot acquire state change lock | DOMAIN_BUSY | RETRYABLE",
        "9 | Operation fehlgeschlagen: Ziel scsi:0 existiert bereits | OTHER | UNKNOWN",
        "55 | Angeforderte Operation ist nicht zulässig: controller index='0' existiert bereits | OTHER | UNKNOWN"
      })
  void means(int code, String message, Condition condition, Verdict verdict) {
    assertThat(classify(Call.ATTACH_CONTROLLER, code, message))
        .isEqualTo(new Classification(condition, verdict));
  }

  @ParameterizedTest
  @CsvSource({"ATTACH", "UPDATE", "DETACH"})
  void anIndexIsOfAControllerAlone(Call call) {
    assertThat(
            classify(
                    call,
                    55,
                    "Requested operation is not valid: controller index='0' already exists")
                .condition())
        .isNotEqualTo(Condition.INDEX_TAKEN);
  }
}
