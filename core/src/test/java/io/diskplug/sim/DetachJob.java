// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * {@code virDomainDetachDeviceFlags} and {@code virDomainDetachDeviceAlias}. The one goes by the
 * target dev, waits for the guest, and reports success when it has waited for long enough; the
 * other goes by the alias and does not wait.
 */
final class DetachJob {

  /** {@code QEMU_UNPLUG_TIMEOUT}. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final SimulatedHost host;
  private final SimulatedDomain domain;
  private final CallInProgress call;

  DetachJob(SimulatedHost host, SimulatedDomain domain, CallInProgress call) {
    this.host = host;
    this.domain = domain;
    this.call = call;
  }

  void byTarget(String xml, Set<View> scope) throws FaultException {
    String target = DiskDefinition.parse(host.generation(), Call.DETACH, xml).target();
    Map<View, DiskDefinition> disks =
        find(scope, view -> view.byTarget(target), view -> noDisk(view, target));
    detach(disks, true);
  }

  void byAlias(String alias, Set<View> scope) throws FaultException {
    Map<View, DiskDefinition> disks =
        find(scope, view -> view.byAlias(alias), view -> Refusals.unknownAlias(alias));
    detach(disks, false);
  }

  private FaultException noDisk(View view, String target) {
    return view == View.LIVE && !host.generation().missingDiskHasItsOwnCode()
        ? Refusals.noLiveDisk(target)
        : Refusals.noDisk(target);
  }

  /** In each view that is asked for, or nothing is changed. */
  private Map<View, DiskDefinition> find(
      Set<View> scope,
      Function<Definition, @Nullable DiskDefinition> search,
      Function<View, FaultException> none)
      throws FaultException {
    return host.locked(
        () -> {
          domain.requireScope(Call.DETACH, scope);
          Map<View, DiskDefinition> found = new EnumMap<>(View.class);
          for (View view : scope) {
            DiskDefinition disk = search.apply(view == View.LIVE ? domain.live() : domain.config());
            if (disk == null) {
              throw none.apply(view);
            }
            found.put(view, disk);
          }
          DiskDefinition live = found.get(View.LIVE);
          if (live != null && live.mirror() != null) {
            throw Refusals.blockJob(live.target());
          }
          if (live != null && domain.jobs().isOn(live.target())) {
            throw Refusals.notSupported(
                Call.DETACH, "disk '" + live.target() + "' already in active block job");
          }
          return found;
        });
  }

  private void detach(Map<View, DiskDefinition> disks, boolean waits) throws FaultException {
    DiskDefinition persistent = disks.get(View.PERSISTENT);
    Definition config =
        host.locked(
            () -> {
              if (persistent == null) {
                return null;
              }
              Definition copy = domain.config().copy();
              copy.remove(persistent);
              return copy;
            });
    DiskDefinition live = disks.get(View.LIVE);
    if (live != null) {
      unplug(live, waits);
    }
    try {
      if (config != null) {
        host.locked(
            () -> {
              domain.saveConfig(Call.DETACH, config);
              return true;
            });
        call.at(Moment.CONFIG_SAVED);
      }
    } finally {
      if (live != null && !waits) {
        domain.guestAnswers();
      }
    }
  }

  private void unplug(DiskDefinition live, boolean waits) throws FaultException {
    SimulatedQemu qemu = domain.awaitMonitor(Call.DETACH);
    String id = Objects.requireNonNull(live.alias());
    host.locked(
        () -> {
          domain.askForUnplug(id);
          return true;
        });
    call.at(Moment.UNPLUG_REQUESTED);
    if (waits) {
      domain.guestAnswers();
      if (domain.hasDevice(qemu, id)) {
        host.waits(PATIENCE);
      }
    }
    if (domain.qemu() != qemu) {
      throw Refusals.qemuGone(Call.DETACH);
    }
  }
}
