// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import org.jspecify.annotations.Nullable;

/**
 * Anything in a view that holds names or addresses: a controller, a disk or another device.
 *
 * @param description what it is, for people: {@code disk vdb}, {@code interface net0}
 * @param targetDev the target dev that it holds, if it is a disk
 * @param alias the alias that it holds, if the view names one
 * @param address the address that it holds, if the view names one
 * @param onScsiBus whether a drive address of it is on a SCSI controller
 */
public record Holder(
    String description,
    @Nullable String targetDev,
    @Nullable String alias,
    @Nullable DeviceAddress address,
    boolean onScsiBus) {

  static Holder of(Controller controller) {
    return new Holder(
        controller.type() + " controller " + controller.index(),
        null,
        controller.alias(),
        controller.address(),
        false);
  }

  static Holder of(Disk disk) {
    return new Holder(
        disk.device() + " " + disk.targetDev(),
        disk.targetDev(),
        disk.alias(),
        disk.address(),
        disk.bus() == DiskBus.SCSI);
  }

  static Holder of(Device device) {
    return new Holder(
        device.alias() == null ? device.kind() : device.kind() + " " + device.alias(),
        null,
        device.alias(),
        device.address(),
        device.kind().equals("hostdev"));
  }
}
