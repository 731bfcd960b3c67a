// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

import static io.diskplug.internal.fault.Row.ATTACH;
import static io.diskplug.internal.fault.Row.CHANGE;
import static io.diskplug.internal.fault.Row.DETACH;
import static io.diskplug.internal.fault.Row.TUNE;
import static io.diskplug.internal.fault.Row.quoting;
import static io.diskplug.internal.fault.Row.row;
import static io.diskplug.internal.fault.Verdict.ALREADY_DONE;
import static io.diskplug.internal.fault.Verdict.FATAL;
import static io.diskplug.internal.fault.Verdict.RETRYABLE;
import static io.diskplug.internal.fault.Verdict.UNKNOWN;

import java.util.List;

/** What libvirt and QEMU's device model say of places, names and devices. */
final class PlugRows {

  static final List<Row> ROWS =
      List.of(
          // A bus, a controller or a port without hot-plug.
          row(
              CHANGE,
              ErrorCode.INTERNAL_ERROR,
              "does not support hotplugging|unsupported by the port device"
                  + "|Unsupported bus. Bus doesn't have property '' set",
              Condition.NOT_PLUGGABLE,
              FATAL),
          row(
              CHANGE,
              ErrorCode.OPERATION_UNSUPPORTED,
              "cannot be (hot ?-?(un)?plugged|detached)|hotplug is not supported",
              Condition.NOT_PLUGGABLE,
              FATAL),
          row(
              CHANGE,
              ErrorCode.OPERATION_FAILED,
              "cannot hot ?-?unplug .*multifunction|not allowed by controller|cannot be hot ?-?(un)?plugged",
              Condition.NOT_PLUGGABLE,
              FATAL),

          // Attach.
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "No more available PCI slots",
              Condition.NO_ROOM,
              FATAL),
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "Duplicate device ID|Duplicate ID '' for device|Duplicate nodes with node-name|Duplicate node name",
              Condition.NAME_TAKEN_IN_QEMU,
              UNKNOWN),
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "PCI: slot .* not available for .*, in use by",
              Condition.ADDRESS_TAKEN,
              UNKNOWN),
          // libvirt 9.0 has QEMU open an image that librbd decrypts before it hands over the
          // passphrase: such a disk is there from the start of the domain, or never.
          quoting(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "No secret with id '[^']*-encryption-secret",
              Condition.NOT_PLUGGABLE,
              FATAL),
          // scsi_realize of QEMU 9.1; earlier ones cut the serial.
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "The serial number can't be longer than",
              Condition.SERIAL_TOO_LONG,
              FATAL),
          row(
              ATTACH,
              ErrorCode.XML_ERROR,
              "target .* duplicated",
              Condition.TARGET_TAKEN,
              ALREADY_DONE),
          // scsi-bus.c: a ghost, or a device of a command line, has the unit.
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "lun already used by",
              Condition.ADDRESS_TAKEN,
              UNKNOWN),
          row(
              ATTACH,
              ErrorCode.XML_ERROR,
              "Attempted double use of PCI Address",
              Condition.ADDRESS_TAKEN,
              UNKNOWN),
          row(
              ATTACH,
              ErrorCode.OPERATION_INVALID,
              "target .* already exists",
              Condition.TARGET_TAKEN,
              ALREADY_DONE),
          row(
              ATTACH,
              ErrorCode.OPERATION_INVALID,
              "contains a disk with that address",
              Condition.ADDRESS_TAKEN,
              UNKNOWN),
          row(
              ATTACH,
              ErrorCode.OPERATION_FAILED,
              "target .* already exists",
              Condition.TARGET_TAKEN,
              ALREADY_DONE),
          row(
              ATTACH,
              ErrorCode.CONFIG_UNSUPPORTED,
              "non unique alias detected",
              Condition.ALIAS_TAKEN,
              ALREADY_DONE),

          // Detach.
          row(
              DETACH,
              ErrorCode.INTERNAL_ERROR,
              "already in the process of unplug|unplug already in progress",
              Condition.UNPLUG_IN_PROGRESS,
              RETRYABLE),
          // Native PCI Express hot-plug: soon after an attach, and while it works on a request.
          row(
              CHANGE,
              ErrorCode.INTERNAL_ERROR,
              "Hot-(un)?plug failed: guest is busy",
              Condition.DOMAIN_BUSY,
              RETRYABLE),
          row(
              DETACH,
              ErrorCode.INTERNAL_ERROR,
              "no device found with alias",
              Condition.DEVICE_MISSING,
              ALREADY_DONE),
          row(
              DETACH,
              ErrorCode.OPERATION_FAILED,
              "disk .* not found",
              Condition.DEVICE_MISSING,
              ALREADY_DONE),
          row(
              DETACH,
              ErrorCode.INVALID_ARG,
              "no target device",
              Condition.DEVICE_MISSING,
              ALREADY_DONE),

          // A disk that is attached: its limits and its size.
          row(
              TUNE,
              ErrorCode.INVALID_ARG,
              "not found in|missing persistent configuration|not assigned to domain",
              Condition.DEVICE_MISSING,
              UNKNOWN),
          row(
              TUNE,
              ErrorCode.INTERNAL_ERROR,
              "unable to execute QEMU command 'block_set_io_throttle': "
                  + "|Cannot (grow|shrink|resize) |Can't resize |driver does not support resize"
                  + "|Resizing this file is not supported|Image is read-only|too big image size",
              Condition.BAD_REQUEST,
              FATAL));

  private PlugRows() {}
}
