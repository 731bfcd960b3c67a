// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import io.diskplug.conformance.Machine;
import io.diskplug.conformance.MachineSpec;
import io.diskplug.conformance.TestBed;
import io.diskplug.conformance.ThreadedCall;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.libvirt.LibvirtHypervisor;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.sim.Generation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** The conformance suite on the lab: the real libvirt, the real QEMU and real guests. */
final class LabTestBed implements TestBed {

  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration CONNECT = Duration.ofSeconds(30);

  private final Lab lab;
  private final LibvirtDaemon daemon;
  private final List<LabMachine> machines = new ArrayList<>();
  private @Nullable HypervisorPort hypervisor;
  private @Nullable OtherHost otherHost;

  LabTestBed(Lab lab) {
    this.lab = lab;
    this.daemon = new LibvirtDaemon(lab);
  }

  Lab lab() {
    return lab;
  }

  LibvirtDaemon daemon() {
    return daemon;
  }

  /** Another host to migrate to; started when it is needed first. */
  OtherHost otherHost() {
    OtherHost known = otherHost;
    if (known == null) {
      known = OtherHost.of(lab);
      otherHost = known;
    }
    return known;
  }

  @Override
  public Generation generation() {
    return lab.generation();
  }

  @Override
  public HypervisorPort connect() throws FaultException {
    return LibvirtHypervisor.connect(
        lab.uri(), new LibvirtHypervisor.Configuration(true, true, true), CONNECT);
  }

  /** The connection of the test bed itself. */
  HypervisorPort hypervisor() throws FaultException {
    HypervisorPort open = hypervisor;
    if (open == null) {
      open = connect();
      hypervisor = open;
    }
    return open;
  }

  @Override
  public Machine define(MachineSpec spec) {
    LabMachine machine = LabMachine.define(this, spec);
    machines.add(machine);
    return machine;
  }

  @Override
  public void remove(Machine machine) {
    LabMachine known = (LabMachine) machine;
    known.remove();
    machines.remove(known);
  }

  @Override
  public String file(long bytes) {
    return lab.file(Lab.unique("image") + ".img", bytes).toString();
  }

  @Override
  public void resize(String file, long bytes) {
    lab.resize(Path.of(file), bytes);
  }

  @Override
  public void killDaemon() {
    daemon.end(LibvirtDaemon.Signal.KILL);
  }

  @Override
  public void startDaemon() {
    daemon.start();
  }

  @Override
  public void restartDaemon() {
    daemon.restart(LibvirtDaemon.Signal.TERM);
  }

  @Override
  public void await(String what, Condition condition) {
    Awaitility.await(what)
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(50))
        .until(condition::holds);
  }

  @Override
  public void pass(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  public Duration time() {
    return Duration.ofNanos(System.nanoTime());
  }

  @Override
  public CallUnderWay begin(Call call) {
    ThreadedCall threaded = new ThreadedCall(call);
    return new CallUnderWay() {
      @Override
      public boolean hasReturned() {
        return threaded.hasReturned(Duration.ZERO);
      }

      @Override
      public void join() throws FaultException {
        threaded.join(PATIENCE);
      }
    };
  }

  @Override
  public void close() {
    machines.forEach(LabMachine::remove);
    machines.clear();
    if (otherHost != null) {
      otherHost.close();
    }
    HypervisorPort open = hypervisor;
    if (open != null) {
      open.close();
    }
  }
}
