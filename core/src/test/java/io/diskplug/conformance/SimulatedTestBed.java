// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.sim.EventDelivery;
import io.diskplug.sim.Generation;
import io.diskplug.sim.SimulatedHost;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The conformance suite on the simulator. Its clock goes on when the test waits; calls on threads
 * of their own wait for it.
 */
final class SimulatedTestBed implements TestBed {

  private static final Duration TICK = Duration.ofMillis(100);

  /** A call that nothing keeps returns in no time. */
  private static final Duration NO_TIME = Duration.ofMillis(20);

  private static final int MOST_TICKS = 10_000;
  private static final int TICKS_FOR_A_CONDITION = 500;

  private final SimulatedHost host;
  private final HypervisorPort hypervisor;
  private final Thread test = Thread.currentThread();
  private final ReentrantLock lock = new ReentrantLock();
  private final java.util.concurrent.locks.Condition moved = lock.newCondition();
  private final AtomicInteger names = new AtomicInteger();
  private long now; // guarded by the lock

  SimulatedTestBed(Generation generation) {
    host = new SimulatedHost(generation);
    hypervisor = host.connect("test");
    host.passTimeWith(this::now, this::waitFor, this::idle);
  }

  SimulatedHost host() {
    return host;
  }

  HypervisorPort hypervisor() {
    return hypervisor;
  }

  private long now() {
    lock.lock();
    try {
      return now;
    } finally {
      lock.unlock();
    }
  }

  private void advance(Duration time) {
    lock.lock();
    try {
      now += time.toNanos();
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void idle() {
    if (Thread.currentThread() == test) {
      advance(TICK);
    }
  }

  private void waitFor(Duration time) {
    if (Thread.currentThread() == test) {
      advance(time);
      return;
    }
    lock.lock();
    try {
      long end = now + time.toNanos();
      while (now < end) {
        moved.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Generation generation() {
    return host.generation();
  }

  @Override
  public HypervisorPort connect() throws FaultException {
    return host.connect("another");
  }

  @Override
  public Machine define(MachineSpec spec) {
    return new SimulatedMachine(this, spec, "simulated-" + names.incrementAndGet());
  }

  @Override
  public void remove(Machine machine) {
    ((SimulatedMachine) machine).remove();
  }

  @Override
  public String file(long bytes) {
    String path = "/images/" + names.incrementAndGet() + ".img";
    host.removeVolume(path + ".missing");
    host.resizeVolume(path, bytes);
    return path;
  }

  @Override
  public void resize(String file, long bytes) {
    host.resizeVolume(file, bytes);
  }

  @Override
  public void killDaemon() {
    host.killDaemon();
  }

  @Override
  public void startDaemon() {
    host.startDaemon();
  }

  @Override
  public void restartDaemon() {
    // Whoever listens to it listens again a moment later.
    host.deliverEvents(EventDelivery.LATE);
    host.restartDaemon();
    host.deliverEvents(EventDelivery.PROMPT);
  }

  @Override
  public void await(String what, TestBed.Condition condition) {
    try {
      for (int i = 0; i < TICKS_FOR_A_CONDITION; i++) {
        if (condition.holds()) {
          return;
        }
        tick();
      }
    } catch (FaultException e) {
      throw new AssertionError(what, e);
    }
    throw new AssertionError("not in any sensible time: " + what);
  }

  /** Lets other threads do something, and time pass. */
  private void tick() {
    try {
      Thread.sleep(1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
    advance(TICK);
    host.deliverLateEvents();
  }

  @Override
  public void pass(Duration time) {
    long end = now() + time.toNanos();
    while (now() < end) {
      tick();
    }
  }

  @Override
  public Duration time() {
    return Duration.ofNanos(now());
  }

  @Override
  public CallUnderWay begin(Call call) {
    ThreadedCall threaded = new ThreadedCall(call);
    return new CallUnderWay() {
      @Override
      public boolean hasReturned() {
        return threaded.hasReturned(NO_TIME);
      }

      @Override
      public void join() throws FaultException {
        for (int i = 0; i < MOST_TICKS && !threaded.hasReturned(Duration.ZERO); i++) {
          tick();
        }
        threaded.join(NO_TIME);
      }
    };
  }

  @Override
  public void close() {
    hypervisor.close();
  }
}
