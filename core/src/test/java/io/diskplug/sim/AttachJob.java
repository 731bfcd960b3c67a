// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code virDomainAttachDeviceFlags}: the configuration is checked on a copy, the device plugged,
 * and the copy saved. A daemon that dies on the way leaves what there was at that moment.
 */
final class AttachJob {

  private final SimulatedHost host;
  private final SimulatedDomain domain;
  private final CallInProgress call;

  AttachJob(SimulatedHost host, SimulatedDomain domain, CallInProgress call) {
    this.host = host;
    this.domain = domain;
    this.call = call;
  }

  void run(String xml, Set<View> scope) throws FaultException {
    if (xml.contains("<controller")) {
      new ControllerJob(host, domain, call).run(xml, scope);
      return;
    }
    if (!xml.contains("<disk")) {
      throw Refusals.notSupported(Call.ATTACH, "only disks are simulated");
    }
    DiskDefinition disk = DiskDefinition.parse(host.generation(), Call.ATTACH, xml);
    disk.validate(host.generation());
    Definition config =
        host.locked(
            () -> {
              domain.requireScope(Call.ATTACH, scope);
              return scope.contains(View.PERSISTENT) ? withDisk(domain.config(), disk) : null;
            });
    if (scope.contains(View.LIVE)) {
      plug(disk);
    }
    if (config != null) {
      save(config);
    }
  }

  private static Definition withDisk(Definition config, DiskDefinition disk) throws FaultException {
    Definition copy = config.copy();
    requireUnique(copy, disk);
    if (copy.byTarget(disk.target()) != null) {
      throw Refusals.targetPersistent(disk.target());
    }
    copy.add(copy.place(LimitRules.expanded(copy, disk), false));
    return copy;
  }

  private static void requireUnique(Definition view, DiskDefinition disk) throws FaultException {
    String alias = disk.alias();
    if (alias != null && view.hasAlias(alias)) {
      throw Refusals.notUnique(alias);
    }
  }

  private void plug(DiskDefinition asked) throws FaultException {
    SimulatedQemu qemu = domain.awaitMonitor(Call.ATTACH);
    DiskDefinition disk =
        host.locked(
            () -> {
              Definition live = domain.live();
              requireUnique(live, asked);
              if (live.byTarget(asked.target()) != null) {
                throw Refusals.targetLive(asked.target());
              }
              DiskDefinition placed = live.place(LimitRules.expanded(live, asked), true);
              qemu.hasControllers(live.scsi());
              host.requireStorage(placed.source());
              int number = domain.nextNodeNumber();
              qemu.open(number, placed.source(), host.sizeOf(placed.source()));
              return placed.live(List.of(number));
            });
    boolean plugged = false;
    try {
      atMoment(Moment.VOLUME_OPENED, qemu);
      host.locked(
          () -> {
            // The device is checked before it takes its image, so that a ghost shows by its name.
            qemu.requireFree(device(disk, qemu));
            host.requireSerial(disk);
            host.requireUnlocked(Call.ATTACH, disk);
            qemu.plug(device(disk, qemu));
            domain.plugged(device(disk, qemu));
            return true;
          });
      plugged = true;
      atMoment(Moment.DEVICE_PLUGGED, qemu);
    } catch (FaultException e) {
      undo(qemu, disk, plugged);
      throw e;
    }
    host.locked(
        () -> {
          domain.live().add(disk);
          domain.saveStatus();
          return true;
        });
    atMoment(Moment.LIVE_CHANGED, qemu);
  }

  /** A daemon that is still there takes back what it has done. */
  private void undo(SimulatedQemu qemu, DiskDefinition disk, boolean plugged)
      throws FaultException {
    host.locked(
        () -> {
          if (host.isSameRun(call)) {
            if (plugged) {
              qemu.unplug(String.valueOf(disk.alias()));
            }
            disk.numbers().forEach(qemu::closeBoth);
          }
          return true;
        });
  }

  static SimulatedQemu.Device device(DiskDefinition disk, SimulatedQemu qemu) {
    return new SimulatedQemu.Device(
        String.valueOf(disk.alias()),
        disk.address(),
        qemu.top(disk.numbers().get(0)),
        disk.disk().serial(),
        disk.disk().readOnly() || disk.disk().shareable());
  }

  private void atMoment(Moment moment, @Nullable SimulatedQemu qemu) throws FaultException {
    call.at(moment);
    if (qemu != null && domain.qemu() != qemu) {
      throw Refusals.qemuGone(Call.ATTACH);
    }
  }

  private void save(Definition config) throws FaultException {
    host.locked(
        () -> {
          domain.saveConfig(Call.ATTACH, config);
          return true;
        });
    atMoment(Moment.CONFIG_SAVED, null);
  }
}
