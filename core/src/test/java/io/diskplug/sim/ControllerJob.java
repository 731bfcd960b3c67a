// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code virDomainAttachDeviceFlags} of a SCSI controller: as of a disk, with other words where its
 * index is taken. No guest has to answer.
 */
final class ControllerJob {

  private final SimulatedHost host;
  private final SimulatedDomain domain;
  private final CallInProgress call;

  ControllerJob(SimulatedHost host, SimulatedDomain domain, CallInProgress call) {
    this.host = host;
    this.domain = domain;
    this.call = call;
  }

  void run(String xml, Set<View> scope) throws FaultException {
    ScsiController asked = ScsiController.parse(xml);
    Definition config =
        host.locked(
            () -> {
              domain.requireScope(Call.ATTACH, scope);
              return scope.contains(View.PERSISTENT) ? with(domain.config(), asked) : null;
            });
    if (scope.contains(View.LIVE)) {
      plug(asked);
    }
    if (config != null) {
      host.locked(
          () -> {
            domain.saveConfig(Call.ATTACH, config);
            return true;
          });
      atMoment(Moment.CONFIG_SAVED, null);
    }
  }

  private static Definition with(Definition config, ScsiController asked) throws FaultException {
    Definition copy = config.copy();
    requireUniqueAlias(copy, asked);
    if (copy.scsi(asked.index()) != null) {
      throw Refusals.indexPersistent(asked.index());
    }
    copy.add(copy.place(asked, false));
    return copy;
  }

  private static void requireUniqueAlias(Definition view, ScsiController asked)
      throws FaultException {
    String alias = asked.alias();
    if (alias != null && view.hasAlias(alias)) {
      throw Refusals.notUnique(alias);
    }
  }

  private void plug(ScsiController asked) throws FaultException {
    SimulatedQemu qemu = domain.awaitMonitor(Call.ATTACH);
    ScsiController placed =
        host.locked(
            () -> {
              Definition live = domain.live();
              requireUniqueAlias(live, asked);
              if (live.scsi(asked.index()) != null) {
                throw Refusals.indexLive(asked.index());
              }
              ScsiController found = live.place(asked, true);
              qemu.plug(found);
              return found;
            });
    try {
      atMoment(Moment.DEVICE_PLUGGED, qemu);
    } catch (FaultException e) {
      undo(qemu, placed);
      throw e;
    }
    host.locked(
        () -> {
          domain.live().add(placed);
          domain.saveStatus();
          return true;
        });
    atMoment(Moment.LIVE_CHANGED, qemu);
  }

  /** A daemon that is still there takes back what it has done. */
  private void undo(SimulatedQemu qemu, ScsiController placed) throws FaultException {
    host.locked(
        () -> {
          if (host.isSameRun(call)) {
            qemu.unplug(placed);
          }
          return true;
        });
  }

  private void atMoment(Moment moment, @Nullable SimulatedQemu qemu) throws FaultException {
    call.at(moment);
    if (qemu != null && domain.qemu() != qemu) {
      throw Refusals.qemuGone(Call.ATTACH);
    }
  }
}
