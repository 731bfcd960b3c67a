// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.sim.Generation;
import java.time.Duration;

/**
 * Where the conformance suite runs: a hypervisor daemon, what it runs, and the hands that other
 * actors lay on it. Its time may be a simulated one, so that nothing in the suite looks at a clock
 * of its own, sleeps, or waits by other means than these.
 */
public interface TestBed extends AutoCloseable {

  /** What the daemon and its QEMU are known for. */
  Generation generation();

  /** A new connection to the daemon. The caller closes it. */
  HypervisorPort connect() throws FaultException;

  /** Defines a domain, which is not started. The test bed removes it in the end. */
  Machine define(MachineSpec spec);

  /** Removes a domain, whatever state it is in; it may be gone already. */
  void remove(Machine machine);

  /**
   * A new raw image.
   *
   * @return its absolute path. Every other path that begins with it is that of no file.
   */
  String file(long bytes);

  /** Somebody makes an image larger or smaller, and tells nobody. */
  void resize(String file, long bytes);

  /** The daemon dies (SIGKILL). Domains go on. */
  void killDaemon();

  /** The daemon is started, and answers. */
  void startDaemon();

  /** The daemon ends as it is asked to (SIGTERM), and is started again. */
  void restartDaemon();

  /**
   * Waits until something holds, and fails the test if it does not in any sensible time.
   *
   * @param what what is waited for, for the message
   */
  void await(String what, Condition condition);

  /** Lets time pass. For what must <em>not</em> happen: keep it short. */
  void pass(Duration time);

  /** The time since some moment in the past. */
  Duration time();

  /**
   * Begins a call on a thread of its own.
   *
   * @return what becomes of it
   */
  CallUnderWay begin(Call call);

  /** Removes every domain. The daemon has to run. */
  @Override
  void close();

  /** Something that may hold, or not yet. */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws FaultException;
  }

  /** A call of the port. */
  @FunctionalInterface
  interface Call {
    void run() throws FaultException;
  }

  /** A call on its way. */
  interface CallUnderWay {
    /** Whether it has returned. */
    boolean hasReturned();

    /** Waits for its end, as {@link TestBed#await} does; throws what it threw. */
    void join() throws FaultException;
  }
}
