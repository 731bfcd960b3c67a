// SPDX-License-Identifier: Apache-2.0
package io.diskplug.benchmarks;

import io.diskplug.domain.DomainRef;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.View;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.ControlState;
import io.diskplug.internal.port.DaemonFacts;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.port.KnownDomain;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Another hypervisor's, with each call of the port written down. Safe for use by several threads.
 */
final class CallRecorder implements HypervisorPort {

  /**
   * A call.
   *
   * @param name which
   * @param begin when it was made, as by {@link System#nanoTime}
   * @param end when it had returned or failed
   */
  record Made(String name, long begin, long end) {}

  @FunctionalInterface
  private interface Body<T> {
    T run() throws FaultException;
  }

  @FunctionalInterface
  private interface VoidBody {
    void run() throws FaultException;
  }

  private final HypervisorPort hypervisor;
  private final List<Made> calls = new ArrayList<>(); // guarded by this

  CallRecorder(HypervisorPort hypervisor) {
    this.hypervisor = hypervisor;
  }

  /** The calls since the last time that this was asked. */
  synchronized List<Made> take() {
    List<Made> taken = List.copyOf(calls);
    calls.clear();
    return taken;
  }

  @Override
  public DomainHandle lookup(DomainRef ref) throws FaultException {
    DomainHandle domain = record("look the domain up", () -> hypervisor.lookup(ref));
    return new RecordedDomain(domain);
  }

  @Override
  public List<KnownDomain> domains() throws FaultException {
    return record("list the domains", hypervisor::domains);
  }

  @Override
  public void close() {
    hypervisor.close();
  }

  private <T> T record(String name, Body<T> body) throws FaultException {
    long begin = System.nanoTime();
    try {
      return body.run();
    } finally {
      long end = System.nanoTime();
      synchronized (this) {
        calls.add(new Made(name, begin, end));
      }
    }
  }

  private void recordVoid(String name, VoidBody body) throws FaultException {
    boolean unused =
        record(
            name,
            () -> {
              body.run();
              return true;
            });
  }

  private final class RecordedDomain implements DomainHandle {
    private final DomainHandle domain;

    RecordedDomain(DomainHandle domain) {
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
      return record("read the status", domain::status);
    }

    @Override
    public OptionalInt run() throws FaultException {
      return record("read the run", domain::run);
    }

    @Override
    public Optional<String> longJob() throws FaultException {
      return record("look for a long job", domain::longJob);
    }

    @Override
    public DaemonFacts daemon() {
      return domain.daemon();
    }

    @Override
    public ControlState control() throws FaultException {
      return record("read the control info", domain::control);
    }

    @Override
    public String xml(View view) throws FaultException {
      return record(
          view == View.LIVE ? "read the live XML" : "read the persistent XML",
          () -> domain.xml(view));
    }

    @Override
    public void attachDevice(String deviceXml, Set<View> scope) throws FaultException {
      recordVoid("attach", () -> domain.attachDevice(deviceXml, scope));
    }

    @Override
    public void updateDevice(String deviceXml, Set<View> scope) throws FaultException {
      recordVoid("update", () -> domain.updateDevice(deviceXml, scope));
    }

    @Override
    public void detachDevice(String deviceXml, Set<View> scope) throws FaultException {
      recordVoid("detach", () -> domain.detachDevice(deviceXml, scope));
    }

    @Override
    public void detachDeviceByAlias(String alias, Set<View> scope) throws FaultException {
      recordVoid("detach by alias", () -> domain.detachDeviceByAlias(alias, scope));
    }

    @Override
    public void note(String namespace, @Nullable String element) throws FaultException {
      recordVoid(
          element == null ? "take the note away" : "write the note",
          () -> domain.note(namespace, element));
    }

    @Override
    public String askQemu(String command) throws FaultException {
      return record("ask QEMU", () -> domain.askQemu(command));
    }

    @Override
    public Subscription subscribe(Runnable signal) {
      return domain.subscribe(signal);
    }
  }
}
