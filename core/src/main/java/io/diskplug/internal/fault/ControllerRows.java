// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

import static io.diskplug.internal.fault.Row.CONTROLLER;
import static io.diskplug.internal.fault.Row.row;
import static io.diskplug.internal.fault.Verdict.ALREADY_DONE;
import static io.diskplug.internal.fault.Verdict.FATAL;

import java.util.List;

/**
 * What libvirt says of a SCSI controller that is plugged, where it has other words than for a disk
 * ({@code qemuDomainAttachControllerDevice}, {@code virDomainPCIAddressFlagsCompatible}).
 */
final class ControllerRows {

  static final List<Row> ROWS =
      List.of(
          row(
              CONTROLLER,
              ErrorCode.OPERATION_FAILED,
              "target scsi:[0-9]+ already exists",
              Condition.INDEX_TAKEN,
              ALREADY_DONE),
          row(
              CONTROLLER,
              ErrorCode.OPERATION_INVALID,
              "controller index='' already exists",
              Condition.INDEX_TAKEN,
              ALREADY_DONE),
          row(
              CONTROLLER,
              ErrorCode.XML_ERROR,
              "requires hotplug capability, but the PCI controller",
              Condition.NOT_PLUGGABLE,
              FATAL));

  private ControllerRows() {}
}
