// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import io.diskplug.domain.DomainRef;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.sim.GuestBehaviour;
import io.diskplug.sim.Moment;
import io.diskplug.sim.SimulatedDomain;
import io.diskplug.sim.SimulatedHost;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A domain of the simulator, in the hands of the conformance suite. */
final class SimulatedMachine implements Machine {

  private final SimulatedTestBed bed;
  private final SimulatedHost host;
  private final MachineSpec spec;
  private final SimulatedDomain domain;
  private @Nullable DomainHandle handle;

  SimulatedMachine(SimulatedTestBed bed, MachineSpec spec, String name) {
    this.bed = bed;
    this.host = bed.host();
    this.spec = spec;
    this.domain = host.define(name, spec.rootPorts(), spec.hotplugOff(), spec.scsiController());
  }

  @Override
  public UUID uuid() {
    return domain.uuid();
  }

  @Override
  public String name() {
    return domain.name();
  }

  @Override
  public DomainHandle handle() {
    DomainHandle known = handle;
    if (known == null) {
      try {
        known = bed.hypervisor().lookup(DomainRef.uuid(uuid()));
      } catch (FaultException e) {
        throw new AssertionError(e);
      }
      handle = known;
    }
    return known;
  }

  @Override
  public void start() {
    domain.start();
    if (!spec.persistent()) {
      domain.undefine();
    }
  }

  @Override
  public void startPaused() {
    start();
    domain.suspend();
  }

  @Override
  public void destroy() {
    domain.destroy();
  }

  @Override
  public void suspend() {
    domain.suspend();
  }

  @Override
  public void resume() {
    domain.resume();
  }

  @Override
  public void reset() {
    domain.reset();
  }

  @Override
  public void managedSave() {
    domain.managedSave();
  }

  @Override
  public void removeManagedSave() {
    domain.removeManagedSave();
  }

  @Override
  public void saveToFile() {
    domain.saveToFile();
  }

  @Override
  public void restoreFromFile() {
    domain.restoreFromFile();
  }

  @Override
  public void snapshotMemory() {
    domain.memorySnapshots(1);
  }

  @Override
  public void migrateAway() {
    domain.migrateAway();
  }

  @Override
  public void daemonForgets() {
    domain.daemonForgets();
  }

  @Override
  public boolean isOpenElsewhere(String file) {
    return domain.openElsewhere().stream().anyMatch(source -> source.name().equals(file));
  }

  @Override
  public void endElsewhere() {
    domain.endStrays();
  }

  @Override
  public void undefine() {
    domain.undefine();
  }

  @Override
  public void killQemu() {
    domain.killQemu();
  }

  @Override
  public void freezeQemu() {
    domain.freeze();
  }

  @Override
  public void thawQemu() {
    domain.thaw();
  }

  /** A simulated guest is there at once. */
  @Override
  public void awaitGuest() {}

  @Override
  public Set<String> guestSerials() {
    return domain.guestSerials();
  }

  @Override
  public void blockCopy(String targetDev, String destination) {
    domain.startCopy(targetDev, destination);
  }

  @Override
  public boolean beginBackup(String targetDev) {
    return domain.beginBackup(targetDev);
  }

  @Override
  public void endBackup(String targetDev) {
    domain.endBlockJob(targetDev);
  }

  @Override
  public void beginDump() {
    domain.suspend();
    domain.longJob("dump");
  }

  @Override
  public void endDump() {
    domain.longJob(null);
    domain.resume();
  }

  @Override
  public void pivot(String targetDev) {
    domain.pivot(targetDev);
  }

  @Override
  public void abortBlockCopy(String targetDev) {
    domain.abortCopy(targetDev);
  }

  @Override
  public void snapshot(String targetDev, String overlay) {
    domain.snapshot(targetDev, overlay);
  }

  @Override
  public void setMetadata(String namespace, String element, Set<View> scope) {
    domain.note(namespace, element.isEmpty() ? null : element, scope);
  }

  @Override
  public void blockSaving() {
    domain.failSaves(true);
  }

  @Override
  public void allowSaving() {
    domain.failSaves(false);
  }

  @Override
  public void export(String nodeName) {
    domain.export(nodeName, true);
  }

  @Override
  public void unexport(String nodeName) {
    domain.export(nodeName, false);
  }

  @Override
  public FaultException killDaemonInAttach(String deviceXml, Set<View> scope, Leftover leftover) {
    Moment moment = leftover == Leftover.NODES ? Moment.VOLUME_OPENED : Moment.DEVICE_PLUGGED;
    return inTheMiddle(
        Call.ATTACH, moment, host::crashDaemon, () -> handle().attachDevice(deviceXml, scope));
  }

  @Override
  public FaultException terminateDaemonInAttach(String deviceXml, Set<View> scope) {
    return inTheMiddle(
        Call.ATTACH,
        Moment.VOLUME_OPENED,
        host::restartDaemon,
        () -> handle().attachDevice(deviceXml, scope));
  }

  @Override
  public FaultException endDaemonInDetach(String deviceXml, Set<View> scope, End how) {
    return inTheMiddle(
        Call.DETACH,
        Moment.UNPLUG_REQUESTED,
        how == End.KILL ? host::crashDaemon : host::restartDaemon,
        () -> handle().detachDevice(deviceXml, scope));
  }

  @Override
  public void releaseWhileDaemonIsDead(String alias, String serial, Set<View> scope)
      throws FaultException {
    domain.guest(GuestBehaviour.RELEASES_LATE);
    handle().detachDeviceByAlias(alias, scope);
    host.killDaemon();
    domain.answerUnplugs();
    domain.guest(GuestBehaviour.RELEASES);
    host.startDaemon();
  }

  private FaultException inTheMiddle(Call call, Moment moment, Runnable happens, TestBed.Call of) {
    host.onceAt(call, moment, happens);
    try {
      of.run();
      throw new AssertionError("the call succeeded");
    } catch (FaultException e) {
      return e;
    }
  }

  void remove() {
    domain.thaw();
    domain.undefine();
    if (domain.isRunning()) {
      domain.destroy();
    }
  }
}
