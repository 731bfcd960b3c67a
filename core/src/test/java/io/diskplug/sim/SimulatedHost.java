// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.disk.SecretUsage;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.StorageSource;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.model.GuestSerial;
import io.diskplug.internal.port.DomainHandle.Subscription;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.port.KnownDomain;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A host with a libvirt daemon, and the domains on it. Nothing happens by itself: what guests,
 * operators and bad luck do is what its methods, and those of its domains, are called for.
 *
 * <p>Time does not pass while a call waits, unless {@link #passTimeWith} says how. Safe for use by
 * several threads.
 */
public final class SimulatedHost {

  /** How large a volume is of which nothing was said. */
  private static final long USUAL_SIZE = 1L << 30;

  /** {@code VIR_ERR_NO_STORAGE_POOL}, from {@code VIR_FROM_STORAGE}. */
  private static final int NO_STORAGE_POOL = 49;

  private static final int STORAGE_DRIVER = 18;

  private static final Duration JOB_PATIENCE = Duration.ofSeconds(30);
  private static final long SLICE_MILLIS = 2;

  private final Generation generation;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // All that follows is guarded by the lock.
  private final List<SimulatedDomain> domains = new ArrayList<>();
  private final List<Listener> listeners = new ArrayList<>();
  private final Deque<Runnable> signals = new ArrayDeque<>();
  private final List<Runnable> lateSignals = new ArrayList<>();
  private final SimulatedSecrets secrets = new SimulatedSecrets();
  private final Map<String, String> pools = new ConcurrentHashMap<>();
  private final Set<String> missing = new HashSet<>();
  private final Map<String, Long> sizes = new HashMap<>();
  private final List<Planned> planned = new ArrayList<>();
  private int nextRun = 1;
  private boolean refusesLongSerials;

  private volatile boolean daemonUp = true;
  private final AtomicInteger daemonRun = new AtomicInteger();
  private final AtomicInteger interruptions = new AtomicInteger();
  private volatile CallObserver observer = point -> {};
  private volatile EventDelivery delivery = EventDelivery.PROMPT;
  private volatile Consumer<Duration> passing = time -> {};
  private volatile LongSupplier clock = System::nanoTime;
  private volatile Runnable idle = () -> {};

  private record Listener(SimulatedDomain domain, Runnable signal) {}

  /** What happens once, and what the call fails with if it does. */
  private record Planned(
      Call call, Moment moment, Runnable happens, @Nullable FaultException fault) {}

  /** What is done with the lock held. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws FaultException;
  }

  /** A host of the generation that most was proven on. */
  public SimulatedHost() {
    this(Generation.BOOKWORM);
  }

  /** A host of a generation. */
  public SimulatedHost(Generation generation) {
    this.generation = generation;
  }

  /** Its generation. */
  public Generation generation() {
    return generation;
  }

  // What a test does.

  /**
   * A new connection to the daemon.
   *
   * @param client names it for the observer
   */
  public HypervisorPort connect(String client) {
    return new SimulatedHypervisor(this, client);
  }

  /**
   * Defines an i440fx domain with a SCSI controller, shut off.
   *
   * @param name its name
   */
  public SimulatedDomain definePc(String name) {
    return define(name, 0, Set.of(), true);
  }

  /**
   * Defines a q35 domain with a SCSI controller, shut off.
   *
   * @param name its name
   * @param rootPorts how many disks can be hot-plugged
   */
  public SimulatedDomain defineQ35(String name, int rootPorts) {
    return define(name, rootPorts, Set.of(), true);
  }

  /**
   * Defines a domain that is shut off.
   *
   * @param name its name
   * @param rootPorts the root ports of a q35 machine; 0 for an i440fx machine
   * @param hotplugOff the root ports that take no hot-plug
   * @param withScsi whether it has a SCSI controller
   */
  public SimulatedDomain define(
      String name, int rootPorts, Set<Integer> hotplugOff, boolean withScsi) {
    return define(
        name,
        rootPorts == 0
            ? Definition.pc(generation, withScsi)
            : Definition.q35(generation, rootPorts, hotplugOff, withScsi));
  }

  private SimulatedDomain define(String name, Definition definition) {
    lock.lock();
    try {
      SimulatedDomain domain = new SimulatedDomain(this, name, definition);
      domains.add(domain);
      return domain;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Who is told of every call; one at a time.
   *
   * @param newObserver the observer
   */
  public void observe(CallObserver newObserver) {
    observer = newObserver;
  }

  /**
   * Lets the next call of a kind fail.
   *
   * @param call the kind
   * @param moment when: {@link Moment#BEFORE} without an effect, {@link Moment#AFTER} in spite of
   *     it
   * @param code libvirt's code ({@code virErrorNumber})
   * @param message libvirt's message
   */
  public void failNext(Call call, Moment moment, int code, String message) {
    plan(new Planned(call, moment, () -> {}, Refusals.fault(call, code, 0, message)));
  }

  /**
   * Lets something happen once, in the middle of the next call of a kind.
   *
   * @param call the kind
   * @param moment when
   * @param happens what, for example {@code host::crashDaemon} or {@code domain::killQemu}
   */
  public void onceAt(Call call, Moment moment, Runnable happens) {
    plan(new Planned(call, moment, happens, null));
  }

  private void plan(Planned one) {
    lock.lock();
    try {
      planned.add(one);
    } finally {
      lock.unlock();
    }
  }

  /**
   * How time passes while a call waits.
   *
   * @param newClock a monotonic clock, in nanoseconds
   * @param newPassing lets time pass, for a call that waits for so long
   * @param newIdle told again and again while a call waits for another one; must not block
   */
  public void passTimeWith(LongSupplier newClock, Consumer<Duration> newPassing, Runnable newIdle) {
    clock = newClock;
    passing = newPassing;
    idle = newIdle;
  }

  /**
   * What becomes of events from now on.
   *
   * @param newDelivery what becomes of them
   */
  public void deliverEvents(EventDelivery newDelivery) {
    delivery = newDelivery;
  }

  /** Delivers the events that were kept back. */
  public void deliverLateEvents() {
    List<Runnable> late;
    lock.lock();
    try {
      late = List.copyOf(lateSignals);
      lateSignals.clear();
    } finally {
      lock.unlock();
    }
    late.forEach(Runnable::run);
  }

  /** QEMU is 9.1 or later from now on: it refuses serials that it has cut before. */
  public void upgradeQemu() {
    unchecked(
        () -> {
          refusesLongSerials = true;
          return true;
        });
  }

  /** The daemon dies in the middle of whatever it does. Domains go on. */
  public void killDaemon() {
    unchecked(
        () -> {
          daemonUp = false;
          daemonRun.incrementAndGet();
          domains.forEach(SimulatedDomain::daemonDied);
          changed.signalAll();
          return true;
        });
  }

  /** The daemon is started, and finds out what has changed. */
  public void startDaemon() {
    unchecked(
        () -> {
          if (!daemonUp) {
            daemonUp = true;
            List.copyOf(domains).forEach(SimulatedDomain::daemonStarted);
            secrets.daemonStarted();
            // Whoever listens again looks once: what happened meanwhile is not told.
            domains.forEach(this::signal);
          }
          return true;
        });
  }

  /** The daemon dies in the middle of whatever it does, and is started again at once. */
  public void crashDaemon() {
    killDaemon();
    startDaemon();
  }

  /** The daemon is told to end, and started again: it finishes its calls, and answers none. */
  public void restartDaemon() {
    unchecked(
        () -> {
          interruptions.incrementAndGet();
          domains.forEach(SimulatedDomain::forgetReason);
          secrets.daemonStarted();
          domains.forEach(this::signal);
          return true;
        });
  }

  /**
   * A volume is not there any more.
   *
   * @param name the name of the source: a path, {@code pool/image}, {@code iqn/lun}
   */
  public void removeVolume(String name) {
    lock.lock();
    try {
      missing.add(name);
    } finally {
      lock.unlock();
    }
  }

  /**
   * A volume has another size. A QEMU that has it open does not notice.
   *
   * @param name the name of the source: a path, {@code pool/image}, {@code iqn/lun}
   * @param bytes its size in bytes, {@value #USUAL_SIZE} if nothing is said
   */
  public void resizeVolume(String name, long bytes) {
    lock.lock();
    try {
      sizes.put(name, bytes);
    } finally {
      lock.unlock();
    }
  }

  /**
   * The size of a volume.
   *
   * @param name the path of a file, or the name of a network source
   */
  public long volumeSize(String name) {
    lock.lock();
    try {
      return sizes.getOrDefault(name, USUAL_SIZE);
    } finally {
      lock.unlock();
    }
  }

  /**
   * A volume is there again.
   *
   * @param name the name of the source
   */
  public void restoreVolume(String name) {
    lock.lock();
    try {
      missing.remove(name);
    } finally {
      lock.unlock();
    }
  }

  /**
   * What libvirt would give to QEMU.
   *
   * @param usage what the secret is for
   * @return a copy of its value; empty if there is no such secret, or it has none
   */
  public Optional<byte[]> secretValue(SecretUsage usage) {
    return unchecked(() -> secrets.value(usage));
  }

  /** The domains that the daemon knows. */
  public List<SimulatedDomain> domains() {
    lock.lock();
    try {
      return List.copyOf(domains);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Defines a storage pool, as {@code virsh pool-define} does.
   *
   * @param name its name
   * @param xml its definition, as the daemon shows it
   */
  public void definePool(String name, String xml) {
    pools.put(name, xml);
  }

  // What the parts of the host need of each other.

  String poolXml(String name) throws FaultException {
    String xml = pools.get(name);
    if (xml == null) {
      throw new FaultException(
          new LibvirtFault(
              Call.READ_POOL,
              NO_STORAGE_POOL,
              STORAGE_DRIVER,
              "Storage pool not found: no storage pool with matching name '" + name + "'"));
    }
    return xml;
  }

  SimulatedSecrets secrets() {
    return secrets;
  }

  /** Whether the daemon runs. */
  public boolean isDaemonUp() {
    return daemonUp;
  }

  int daemonRun() {
    return daemonRun.get();
  }

  int interruptions() {
    return interruptions.get();
  }

  /** What was planned first, so that an observer sees what happens otherwise. */
  CallObserver observer() {
    return point -> {
      Planned now = takePlanned(point);
      if (now != null) {
        now.happens().run();
        if (now.fault() != null) {
          throw now.fault();
        }
      }
      observer.at(point);
    };
  }

  private @Nullable Planned takePlanned(CallObserver.Point point) {
    lock.lock();
    try {
      for (Planned candidate : planned) {
        if (candidate.call() == point.call() && candidate.moment() == point.moment()) {
          planned.remove(candidate);
          return candidate;
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  int nextRun() {
    return nextRun++;
  }

  long now() {
    return clock.getAsLong();
  }

  /** A call waits for so long. */
  void waits(Duration time) {
    passing.accept(time);
  }

  SimulatedDomain find(DomainRef ref) throws FaultException {
    return locked(
        () -> {
          for (SimulatedDomain domain : domains) {
            if (ref.byUuid().filter(domain.uuid()::equals).isPresent()
                || ref.byName().filter(domain.name()::equals).isPresent()) {
              return domain;
            }
          }
          throw Refusals.noDomain(Call.LOOKUP, ref);
        });
  }

  List<KnownDomain> list() throws FaultException {
    return locked(
        () ->
            domains.stream().map(domain -> new KnownDomain(domain.uuid(), domain.name())).toList());
  }

  void forget(SimulatedDomain domain) {
    domains.remove(domain);
  }

  boolean knows(SimulatedDomain domain) {
    return domains.contains(domain);
  }

  long sizeOf(StorageSource source) {
    return volumeSize(source.name());
  }

  void requireStorage(StorageSource source) throws FaultException {
    if (missing.contains(source.name())) {
      throw source.kind().equals("file")
          ? Refusals.noFile(source.name())
          : Refusals.noImage(source.name());
    }
  }

  /** {@code scsi_realize} of QEMU 9.1 and later; earlier ones cut the serial. */
  void requireSerial(DiskDefinition disk) throws FaultException {
    if (refusesLongSerials && GuestSerial.isRefusedByNewerQemu(disk.disk())) {
      throw Refusals.serialTooLong(GuestSerial.room(disk.disk().bus()));
    }
  }

  /** QEMU locks files, and nothing else ({@code block/file-posix.c}). */
  void requireUnlocked(Call call, DiskDefinition disk) throws FaultException {
    boolean shared = disk.disk().shareable();
    if (disk.source().kind().equals("file") && !shared) {
      for (SimulatedDomain other : domains) {
        SimulatedQemu qemu = other.qemu();
        if (Stream.concat(Stream.ofNullable(qemu), other.strays())
            .anyMatch(process -> process.locks(disk.source()))) {
          throw Refusals.locked(call);
        }
      }
    }
  }

  Subscription subscribe(SimulatedDomain domain, Runnable signal) {
    Listener listener = new Listener(domain, () -> signal.run());
    lock.lock();
    try {
      listeners.add(listener);
    } finally {
      lock.unlock();
    }
    return () -> {
      lock.lock();
      try {
        listeners.remove(listener);
      } finally {
        lock.unlock();
      }
    };
  }

  /** With the lock held: told when it is released, if the daemon is there to tell. */
  void signal(SimulatedDomain domain) {
    if (!daemonUp) {
      return;
    }
    for (Listener listener : listeners) {
      if (listener.domain() == domain) {
        switch (delivery) {
          case PROMPT -> signals.add(listener.signal());
          case DOUBLED -> {
            signals.add(listener.signal());
            signals.add(listener.signal());
          }
          case LATE -> lateSignals.add(listener.signal());
          case LOST -> {}
        }
      }
    }
  }

  boolean isSameRun(CallInProgress call) {
    return call.daemonRunAtStart() == daemonRun.get() && daemonUp;
  }

  <T> T locked(Work<T> work) throws FaultException {
    List<Runnable> told;
    T result;
    lock.lock();
    try {
      // Also while somebody waits for a job, and time passes.
      List.copyOf(domains).forEach(SimulatedDomain::catchUp);
      result = work.run();
    } finally {
      told = List.copyOf(signals);
      signals.clear();
      lock.unlock();
    }
    told.forEach(Runnable::run);
    return result;
  }

  /** The same for what does not fail. */
  <T> T unchecked(Work<T> work) {
    try {
      return locked(work);
    } catch (FaultException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One call at a time works on a domain; the others wait, and give up in the end. */
  <T> T inJob(SimulatedDomain domain, Call call, Work<T> work) throws FaultException {
    Thread self = Thread.currentThread();
    int run = daemonRun.get();
    locked(
        () -> {
          long begin = now();
          while (domain.job() != null || domain.jobs().letsWait(call)) {
            // Its own call cannot end before it.
            if (domain.job() == self) {
              waits(JOB_PATIENCE);
              throw Refusals.jobHeld(call);
            }
            if (now() - begin >= JOB_PATIENCE.toNanos()) {
              throw Refusals.jobHeld(call);
            }
            awaitChange();
            requireRun(run, call);
          }
          domain.job(self);
          return true;
        });
    try {
      return work.run();
    } finally {
      unchecked(
          () -> {
            if (domain.job() == self) {
              domain.job(null);
              changed.signalAll();
            }
            return true;
          });
    }
  }

  /** With the lock held, and in a loop: waits for a change, a little while at a time. */
  @SuppressWarnings("WaitNotInLoop") // those who call it loop
  void awaitChange() {
    boolean interrupted = Thread.interrupted();
    try {
      boolean unused = changed.await(SLICE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      // A native call does not notice; its caller will.
      Thread.currentThread().interrupt();
    }
    idle.run();
  }

  void requireRun(int run, Call call) throws FaultException {
    if (daemonRun.get() != run) {
      throw Refusals.connectionLost(call);
    }
  }

  /** With the lock held. */
  void wakeAll() {
    changed.signalAll();
  }
}
