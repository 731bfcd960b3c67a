// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.model.Controller;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.xml.read.DomainXmlException;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A SCSI controller of one view.
 *
 * @param index its index
 * @param model its model
 * @param alias its user alias, if it has one
 * @param address where it sits; null before it has a place
 */
record ScsiController(
    int index, String model, @Nullable String alias, @Nullable PciAddress address) {

  private static final String AROUND =
      "<domain type='kvm'><name>x</name><uuid>6695eb01-f6a4-8304-79aa-97f2502e193f</uuid>"
          + "<os><type arch='x86_64' machine='pc'>hvm</type></os><devices>%s</devices></domain>";

  /** One that libvirt adds by itself to a machine that runs. */
  static ScsiController addedLive(int index, PciAddress address) {
    return new ScsiController(index, "virtio-scsi", null, address);
  }

  /**
   * The same of one that is shut off.
   *
   * @param other one that the machine has, if libvirt takes the model from there
   */
  static ScsiController added(int index, PciAddress address, Optional<ScsiController> other) {
    return new ScsiController(
        index, other.map(ScsiController::model).orElse("lsilogic"), null, address);
  }

  /** What is asked for. */
  static ScsiController parse(String xml) throws FaultException {
    try {
      DomainView view = DomainXmlReader.readDomain(AROUND.formatted(xml), View.PERSISTENT);
      Controller asked = view.controllers().get(0);
      if (!asked.isScsi()) {
        throw Refusals.notSupported(
            Call.ATTACH, "'" + asked.type() + "' controller cannot be hot plugged.");
      }
      return new ScsiController(
          asked.index(),
          Objects.requireNonNullElse(asked.model(), "virtio-scsi"),
          asked.alias(),
          asked.address() instanceof PciAddress pci && !pci.isZero() ? pci : null);
    } catch (DomainXmlException e) {
      throw Refusals.notWellFormed(Call.ATTACH);
    }
  }

  ScsiController at(PciAddress place) {
    return new ScsiController(index, model, alias, place);
  }

  /** Its name in QEMU. */
  String device() {
    return alias == null ? "scsi" + index : alias;
  }

  PciAddress place() {
    return Objects.requireNonNull(address);
  }
}
