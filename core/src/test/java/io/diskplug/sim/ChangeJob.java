// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.disk.IoTune;
import io.diskplug.domain.StorageSource;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.DomainHandle.DiskSize;
import java.util.Set;

/** The daemon's work on a disk that stays where it is. */
final class ChangeJob {

  private static final long SECTOR = 512;

  private final SimulatedHost host;
  private final SimulatedDomain domain;

  ChangeJob(SimulatedHost host, SimulatedDomain domain) {
    this.host = host;
    this.domain = domain;
  }

  /** {@code qemuDomainSetBlockIoTune}. */
  void setLimits(String target, IoTune limits, Set<View> scope) throws FaultException {
    boolean live = scope.contains(View.LIVE);
    boolean unused =
        host.locked(
            () -> {
              domain.requireScope(Call.SET_LIMITS, scope);
              if (live && domain.live().byTarget(target) == null) {
                throw Refusals.noDiskToTune(
                    Call.SET_LIMITS, "disk '" + target + "' not found in domain");
              }
              return true;
            });
    // What the live view makes of the group is what libvirt looks the persistent one's up by.
    String[] group = {limits.groupName().orElse(null)};
    if (live) {
      SimulatedQemu qemu = domain.awaitMonitor(Call.SET_LIMITS);
      unused =
          host.locked(
              () -> {
                requireRunning(Call.SET_LIMITS, qemu);
                DiskDefinition disk = domain.live().byTarget(target);
                if (disk != null) {
                  group[0] = LimitRules.set(domain.live(), disk, limits, group[0]);
                }
                return true;
              });
    }
    if (scope.contains(View.PERSISTENT)) {
      unused =
          host.locked(
              () -> {
                // Only now does libvirt look whether it is there, and changes it before it saves
                // it.
                DiskDefinition disk = domain.config().byTarget(target);
                if (disk == null) {
                  throw Refusals.noDiskToTune(
                      Call.SET_LIMITS,
                      "missing persistent configuration for disk '" + target + "'");
                }
                String unusedGroup = LimitRules.set(domain.config(), disk, limits, group[0]);
                domain.saveConfig(Call.SET_LIMITS, domain.config());
                return true;
              });
    }
  }

  /** {@code qemuDomainGetBlockInfo}. */
  DiskSize size(String target) throws FaultException {
    if (domain.isRunning()) {
      SimulatedQemu unused = domain.awaitMonitor(Call.READ_SIZE);
    }
    return host.locked(
        () -> {
          SimulatedQemu qemu = domain.qemu();
          DiskDefinition disk = (qemu == null ? domain.config() : domain.live()).byTarget(target);
          if (disk == null) {
            throw Refusals.noDiskToTune(
                Call.READ_SIZE, "invalid path " + target + " not assigned to domain");
          }
          long stored = host.sizeOf(disk.source());
          long shown = qemu == null ? stored : qemu.size(disk.numbers().get(0));
          return new DiskSize(shown, isLocal(disk.source()) ? stored : shown);
        });
  }

  /** {@code qemuDomainBlockResize}, and what QEMU's drivers make of it. */
  void resize(String target, long bytes) throws FaultException {
    boolean unused =
        host.locked(
            () -> {
              domain.requireScope(Call.RESIZE, Set.of(View.LIVE));
              if (domain.live().byTarget(target) == null) {
                throw Refusals.noDiskToTune(
                    Call.RESIZE, "disk '" + target + "' was not found in the domain config");
              }
              return true;
            });
    SimulatedQemu qemu = domain.awaitMonitor(Call.RESIZE);
    unused =
        host.locked(
            () -> {
              requireRunning(Call.RESIZE, qemu);
              DiskDefinition disk = domain.live().byTarget(target);
              if (disk == null) {
                throw Refusals.noDiskToTune(
                    Call.RESIZE, "disk '" + target + "' was not found in the domain config");
              }
              if (disk.mirror() != null || domain.jobs().isOn(target)) {
                throw Refusals.inUseByJob();
              }
              qemu.resize(disk.numbers().get(0), resized(disk.source(), bytes));
              return true;
            });
  }

  /** The size that QEMU shows afterwards. A LUN has the size that its target gives it. */
  private long resized(StorageSource source, long bytes) throws FaultException {
    if (source.kind().equals("iscsi")) {
      if (bytes > host.sizeOf(source)) {
        throw Refusals.cannotGrow();
      }
      return host.sizeOf(source);
    }
    host.resizeVolume(source.name(), bytes);
    return (bytes + SECTOR - 1) / SECTOR * SECTOR;
  }

  private void requireRunning(Call call, SimulatedQemu qemu) throws FaultException {
    if (domain.qemu() != qemu) {
      throw Refusals.qemuGone(call);
    }
  }

  private static boolean isLocal(StorageSource source) {
    return source.kind().equals("file") || source.kind().equals("block");
  }
}
