// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import io.diskplug.disk.IoTune;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.View;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.libvirt.LibvirtHypervisor;
import io.diskplug.internal.port.ControlState;
import io.diskplug.internal.port.DaemonFacts;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.port.KnownDomain;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A domain of the real daemon with a test in between, which can watch what is sent, change it on
 * its way, or do something else at that very moment.
 */
class ForwardingDomain implements DomainHandle {

  private static final Duration CONNECT_DEADLINE = Duration.ofSeconds(30);

  private final DomainHandle real;

  ForwardingDomain(DomainHandle real) {
    this.real = real;
  }

  /** The lab's daemon, with a domain handle in between. */
  static HypervisorPort hypervisor(Lab lab, UnaryOperator<DomainHandle> between) {
    HypervisorPort real = connect(lab.uri());
    return new HypervisorPort() {
      @Override
      public DomainHandle lookup(DomainRef ref) throws FaultException {
        return between.apply(real.lookup(ref));
      }

      @Override
      public List<KnownDomain> domains() throws FaultException {
        return real.domains();
      }

      @Override
      public void close() {
        real.close();
      }
    };
  }

  /** Connects as the library itself does. */
  static HypervisorPort connect(String uri) {
    try {
      return LibvirtHypervisor.connect(
          uri, new LibvirtHypervisor.Configuration(true, true, true), CONNECT_DEADLINE);
    } catch (FaultException e) {
      throw new AssertionError("the lab's daemon cannot be reached", e);
    }
  }

  @Override
  public UUID uuid() {
    return real.uuid();
  }

  @Override
  public String name() {
    return real.name();
  }

  @Override
  public DomainStatus status() throws FaultException {
    return real.status();
  }

  @Override
  public DaemonFacts daemon() {
    return real.daemon();
  }

  @Override
  public ControlState control() throws FaultException {
    return real.control();
  }

  @Override
  public List<String> targetDevs() throws FaultException {
    return real.targetDevs();
  }

  @Override
  public OptionalInt run() throws FaultException {
    return real.run();
  }

  @Override
  public Optional<String> longJob() throws FaultException {
    return real.longJob();
  }

  @Override
  public String xml(View view) throws FaultException {
    return real.xml(view);
  }

  @Override
  public String storagePoolXml(String pool, Duration atMost) throws FaultException {
    return real.storagePoolXml(pool, atMost);
  }

  @Override
  public void attachDevice(String deviceXml, Set<View> scope) throws FaultException {
    real.attachDevice(deviceXml, scope);
  }

  @Override
  public void updateDevice(String deviceXml, Set<View> scope) throws FaultException {
    real.updateDevice(deviceXml, scope);
  }

  @Override
  public void detachDevice(String deviceXml, Set<View> scope) throws FaultException {
    real.detachDevice(deviceXml, scope);
  }

  @Override
  public void detachDeviceByAlias(String alias, Set<View> scope) throws FaultException {
    real.detachDeviceByAlias(alias, scope);
  }

  @Override
  public void setLimits(String targetDev, IoTune limits, Set<View> scope) throws FaultException {
    real.setLimits(targetDev, limits, scope);
  }

  @Override
  public DiskSize size(String targetDev) throws FaultException {
    return real.size(targetDev);
  }

  @Override
  public void resize(String targetDev, long bytes) throws FaultException {
    real.resize(targetDev, bytes);
  }

  @Override
  public void note(String namespace, @Nullable String element) throws FaultException {
    real.note(namespace, element);
  }

  @Override
  public String askQemu(String command) throws FaultException {
    return real.askQemu(command);
  }

  @Override
  public Subscription subscribe(Runnable signal) {
    return real.subscribe(signal);
  }
}
