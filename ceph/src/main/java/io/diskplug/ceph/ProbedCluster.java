// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import io.diskplug.ceph.CephClient.Seen;
import io.diskplug.ceph.CephClient.Session;
import io.diskplug.disk.HostPort;
import io.diskplug.spi.StorageProbe.Reason;
import java.time.Duration;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A cluster with the probe's connections to it. Native calls run on a few daemon threads of the
 * cluster's own, so that one that is dead holds up no other. Who asks waits for a thread, for a
 * connection and for an answer within one budget, and then leaves a call that hangs to its thread.
 */
final class ProbedCluster {

  private static final int THREADS = 4;

  /** Far more than an answer takes, and less than the deadline of any request. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private static final Duration IDLE = Duration.ofSeconds(30);

  /** More sets of monitors than a cluster has while they are being moved. */
  private static final int CONNECTIONS = 4;

  private final String name;
  private final CephClient client;
  private final RbdLogin login;
  private final Set<HostPort> monitors;
  private final ThreadPoolExecutor threads;

  /** By monitors, the least recently used first. Guarded by this. */
  private final Map<Set<HostPort>, SharedSession> sessions =
      new LinkedHashMap<>(CONNECTIONS, 1, true);

  /** The monitors of the connection that was opened last. Guarded by this. */
  private @Nullable Set<HostPort> reached;

  private boolean closed;

  /**
   * Does not connect yet.
   *
   * @param monitors where it is reached if nothing else says so; may be empty
   */
  ProbedCluster(String name, CephClient client, RbdLogin login, Collection<HostPort> monitors) {
    this.name = name;
    this.client = client;
    this.login = login;
    this.monitors = Set.copyOf(monitors);
    threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE.toMillis(),
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "diskplug-rbd-probe-" + name);
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * Looks at an image of a disk.
   *
   * @param ofDisk the disk's monitors, which may be none
   * @param needsMirroring as {@link Session#look} takes it
   * @throws CephFault also if the budget is over
   */
  Seen look(
      RbdImage image, Collection<HostPort> ofDisk, Predicate<Seen> needsMirroring, Duration budget)
      throws CephFault {
    if (login.kind() == RbdLogin.Kind.CONF) {
      return lookAt(Set.of(), image, needsMirroring, budget);
    }
    return lookAt(ofDisk.isEmpty() ? monitors : Set.copyOf(ofDisk), image, needsMirroring, budget);
  }

  /**
   * Looks at an image of which no more is known.
   *
   * @param needsMirroring as {@link Session#look} takes it
   * @throws CephFault also if the budget is over, or it is not known where the cluster is
   */
  Seen look(RbdImage image, Predicate<Seen> needsMirroring, Duration budget) throws CephFault {
    if (login.kind() == RbdLogin.Kind.CONF || !monitors.isEmpty()) {
      return look(image, monitors, needsMirroring, budget);
    }
    return lookAt(whereItWasReached(), image, needsMirroring, budget);
  }

  private synchronized Set<HostPort> whereItWasReached() throws CephFault {
    if (reached == null) {
      throw new CephFault(
          Reason.CANNOT_ASK,
          "the probe does not know where the cluster "
              + name
              + " is, and has reached it for no disk yet: give it the monitors with the cluster's"
              + " login");
    }
    return reached;
  }

  private Seen lookAt(
      Set<HostPort> where, RbdImage image, Predicate<Seen> needsMirroring, Duration budget)
      throws CephFault {
    Deadline deadline = new Deadline(budget, image, where);
    boolean again = true;
    while (true) {
      AtomicBoolean mine = new AtomicBoolean();
      SharedSession shared = session(where, mine);
      boolean connected = false;
      try {
        deadline.await(shared.connected());
        connected = true;
        Optional<Seen> seen = ask(shared, image, needsMirroring, deadline);
        if (seen.isPresent()) {
          return seen.get();
        }
        // Another question has just dropped the connection, and the cluster was not asked.
      } catch (CephFault fault) {
        // An attempt to connect goes on when a question gives up waiting for it: there is one at
        // most.
        // A question that did not wait for long knows nothing of the connection of the others.
        if (connected && fault.isConnectionDead() && !deadline.gaveUpEarly()) {
          drop(where, shared);
        }
        // What another question found dead, or began long ago, says little of now.
        if (!fault.isConnectionDead() || mine.get() || !again || deadline.isOver()) {
          throw fault;
        }
        again = false;
      }
    }
  }

  private Optional<Seen> ask(
      SharedSession shared, RbdImage image, Predicate<Seen> needsMirroring, Deadline deadline)
      throws CephFault {
    CompletableFuture<Optional<Seen>> answer = new CompletableFuture<>();
    Runnable task =
        () -> {
          try {
            look(shared, image, needsMirroring, answer);
          } catch (CephFault | RuntimeException | Error e) {
            answer.completeExceptionally(e);
          }
        };
    run(task);
    try {
      return deadline.await(answer);
    } finally {
      // If no thread has come to it, none shall, and it shall not lie there either.
      threads.remove(task);
    }
  }

  private static void look(
      SharedSession shared,
      RbdImage image,
      Predicate<Seen> needsMirroring,
      CompletableFuture<Optional<Seen>> answer)
      throws CephFault {
    Session session = shared.enter();
    if (session == null) {
      answer.complete(Optional.empty());
      return;
    }
    try {
      session.look(image, needsMirroring, seen -> answer.complete(Optional.of(seen)));
    } finally {
      shared.leave();
    }
  }

  private SharedSession session(Set<HostPort> where, AtomicBoolean mine) throws CephFault {
    SharedSession shared;
    synchronized (this) {
      if (closed) {
        throw closedFault();
      }
      SharedSession known = sessions.get(where);
      if (known != null) {
        return known;
      }
      mine.set(true);
      shared = new SharedSession();
      sessions.put(where, shared);
      if (sessions.size() > CONNECTIONS) {
        Iterator<SharedSession> eldest = sessions.values().iterator();
        forget(eldest.next());
        eldest.remove();
      }
    }
    run(
        () -> {
          try {
            Session opened = client.connect(login, where);
            reached(where);
            shared.open(opened);
          } catch (CephFault fault) {
            failed(where, shared, fault);
          } catch (RuntimeException | Error e) {
            // No question would ever try again. Its text may be a supplier's.
            failed(
                where,
                shared,
                new CephFault(
                    e instanceof LinkageError ? Reason.CANNOT_ASK : Reason.NOT_KNOWN,
                    "connecting failed: " + e.getClass().getName()));
          }
        });
    return shared;
  }

  private synchronized void reached(Set<HostPort> where) {
    reached = where;
  }

  private void failed(Set<HostPort> where, SharedSession shared, CephFault fault) {
    drop(where, shared);
    shared.fail(fault);
  }

  private void run(Runnable task) throws CephFault {
    try {
      threads.execute(task);
    } catch (RejectedExecutionException e) {
      throw closedFault();
    }
  }

  private static CephFault closedFault() {
    return new CephFault(Reason.CANNOT_ASK, "the probe has been closed");
  }

  private synchronized void drop(Set<HostPort> where, SharedSession shared) {
    sessions.remove(where, shared);
    forget(shared);
  }

  /** Under the lock, so that no thread is asked for after {@link #close}. */
  private synchronized void forget(SharedSession shared) {
    Session idle = shared.drop();
    if (idle != null) {
      // It may block.
      threads.execute(idle::shutDown);
    }
  }

  /** Shuts down what is not in use; what is in use is shut down by its last user. */
  synchronized void close() {
    closed = true;
    sessions.values().forEach(this::forget);
    sessions.clear();
    threads.shutdown();
  }

  /** How long the one who asks still waits. */
  private static final class Deadline {

    private final Duration budget;
    private final RbdImage image;
    private final Collection<HostPort> monitors;
    private final long end;
    private boolean gaveUp; // of the one thread that asks

    Deadline(Duration budget, RbdImage image, Collection<HostPort> monitors) {
      this.budget = budget;
      this.image = image;
      this.monitors = monitors;
      end = System.nanoTime() + budget.toNanos();
    }

    /** Whether who asks did not wait long enough for an answer to know that none comes. */
    boolean gaveUpEarly() {
      return gaveUp && budget.compareTo(PATIENCE) < 0;
    }

    boolean isOver() {
      return end - System.nanoTime() <= 0;
    }

    <T> T await(Future<T> future) throws CephFault {
      try {
        return future.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        gaveUp = true;
        throw new CephFault(
            Reason.UNREACHABLE,
            monitors + ": no answer about " + image.path() + " in " + budget.toMillis() + " ms");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CephFault(
            Reason.UNREACHABLE, monitors + ": interrupted while asking about " + image.path());
      } catch (ExecutionException e) {
        if (e.getCause() instanceof CephFault fault) {
          throw fault;
        }
        throw new CephFault(
            e.getCause() instanceof LinkageError ? Reason.CANNOT_ASK : Reason.NOT_KNOWN,
            "librbd could not be asked: " + e.getCause());
      }
    }
  }
}
