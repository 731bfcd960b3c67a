// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.disk.IoTune;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.ControlState;
import io.diskplug.internal.port.DaemonFacts;
import io.diskplug.internal.port.DomainHandle;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A client's hold of a domain. */
final class SimulatedHandle implements DomainHandle {

  private final SimulatedHypervisor connection;
  private final SimulatedHost host;
  private final SimulatedDomain domain;

  SimulatedHandle(SimulatedHypervisor connection, SimulatedHost host, SimulatedDomain domain) {
    this.connection = connection;
    this.host = host;
    this.domain = domain;
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
  public DomainStatus status() throws FaultException {
    return connection.call(Call.READ_STATUS, domain, call -> domain.status());
  }

  @Override
  public DaemonFacts daemon() {
    return host.generation().daemon();
  }

  @Override
  public ControlState control() throws FaultException {
    return connection.call(Call.READ_CONTROL, domain, call -> domain.control());
  }

  @Override
  public List<String> targetDevs() throws FaultException {
    return connection.call(Call.READ_STATS, domain, call -> domain.targetDevs());
  }

  @Override
  public Optional<String> longJob() throws FaultException {
    return connection.call(
        Call.READ_JOB,
        domain,
        call ->
            host.inJob(domain, Call.READ_JOB, () -> Optional.ofNullable(domain.jobs().longJob())));
  }

  @Override
  public String xml(View view) throws FaultException {
    return connection.call(Call.READ_XML, domain, call -> read(view));
  }

  private String read(View view) throws FaultException {
    if (!host.generation().daemon().readingTakesJob()) {
      return domain.xml(view);
    }
    try {
      return host.inJob(domain, Call.READ_XML, () -> domain.xml(view));
    } catch (FaultException e) {
      if (!Refusals.isJobHeld(e.fault())) {
        throw e;
      }
      // libvirt logs that it has waited in vain, and answers.
      return domain.xml(view);
    }
  }

  @Override
  public String storagePoolXml(String pool, Duration atMost) throws FaultException {
    return connection.call(Call.READ_POOL, null, call -> host.poolXml(pool));
  }

  @Override
  public void attachDevice(String deviceXml, Set<View> scope) throws FaultException {
    change(Call.ATTACH, call -> new AttachJob(host, domain, call).run(deviceXml, scope));
  }

  @Override
  public void updateDevice(String deviceXml, Set<View> scope) throws FaultException {
    change(Call.UPDATE, call -> domain.update(deviceXml, scope));
  }

  @Override
  public void detachDevice(String deviceXml, Set<View> scope) throws FaultException {
    change(Call.DETACH, call -> new DetachJob(host, domain, call).byTarget(deviceXml, scope));
  }

  @Override
  public void detachDeviceByAlias(String alias, Set<View> scope) throws FaultException {
    change(Call.DETACH, call -> new DetachJob(host, domain, call).byAlias(alias, scope));
  }

  @Override
  public void setLimits(String targetDev, IoTune limits, Set<View> scope) throws FaultException {
    change(
        Call.SET_LIMITS, call -> new ChangeJob(host, domain).setLimits(targetDev, limits, scope));
  }

  @Override
  public DiskSize size(String targetDev) throws FaultException {
    return connection.call(
        Call.READ_SIZE,
        domain,
        call ->
            host.inJob(domain, Call.READ_SIZE, () -> new ChangeJob(host, domain).size(targetDev)));
  }

  @Override
  public void resize(String targetDev, long bytes) throws FaultException {
    change(Call.RESIZE, call -> new ChangeJob(host, domain).resize(targetDev, bytes));
  }

  @Override
  public void note(String namespace, @Nullable String element) throws FaultException {
    change(Call.NOTE, call -> domain.note(namespace, element));
  }

  @Override
  public String askQemu(String command) throws FaultException {
    Call kind =
        command.contains("_del\"") || command.contains("-del\"") ? Call.CHANGE_QEMU : Call.ASK_QEMU;
    return connection.call(
        kind, domain, call -> host.inJob(domain, kind, () -> domain.monitor(kind, command)));
  }

  @Override
  public Subscription subscribe(Runnable signal) {
    return host.subscribe(domain, signal);
  }

  /** What changes the domain. */
  @FunctionalInterface
  private interface Change {
    void make(CallInProgress call) throws FaultException;
  }

  private void change(Call kind, Change change) throws FaultException {
    boolean unused =
        connection.call(
            kind,
            domain,
            call ->
                host.inJob(
                    domain,
                    kind,
                    () -> {
                      change.make(call);
                      return true;
                    }));
  }

  @Override
  public String toString() {
    return domain.toString();
  }
}
