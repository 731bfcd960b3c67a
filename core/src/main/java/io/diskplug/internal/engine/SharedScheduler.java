// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;

/**
 * The workers of one daemon for all who use it in this process: however many there are, so many
 * calls are under way and no more, those that hang included.
 */
final class SharedScheduler implements Scheduler {

  /** The pools in use, by the daemon that they call. */
  static final class Pools {
    private final IntFunction<Scheduler> maker;
    private final Map<String, Pool> pools = new HashMap<>(); // guarded by this

    Pools(IntFunction<Scheduler> maker) {
      this.maker = maker;
    }

    synchronized Scheduler of(String daemon, int workers) {
      Pool pool = pools.computeIfAbsent(daemon, key -> new Pool(maker.apply(workers)));
      pool.users++;
      return new SharedScheduler(this, daemon, pool);
    }

    private synchronized boolean begin(SharedScheduler user) {
      if (user.closed) {
        return false;
      }
      user.pool.running++;
      return true;
    }

    private synchronized void ended(String daemon, Pool pool) {
      pool.running--;
      discardIfUnused(daemon, pool);
    }

    private synchronized void leave(SharedScheduler user) {
      if (!user.closed) {
        user.closed = true;
        user.pool.users--;
        discardIfUnused(user.daemon, user.pool);
      }
    }

    /** A call that hangs occupies the daemon, also for the next user of the pool. */
    private void discardIfUnused(String daemon, Pool pool) {
      if (pool.users == 0 && pool.running == 0) {
        pools.remove(daemon, pool);
        pool.scheduler.close();
      }
    }

    synchronized int size() {
      return pools.size();
    }
  }

  private static final class Pool {
    final Scheduler scheduler;
    int users;
    int running;

    Pool(Scheduler scheduler) {
      this.scheduler = scheduler;
    }
  }

  /** Those of this process. */
  static final Pools OF_THIS_PROCESS = new Pools(ThreadScheduler::new);

  private final Pools pools;
  private final String daemon;
  private final Pool pool;
  private volatile boolean closed; // set under the lock of the pools

  private SharedScheduler(Pools pools, String daemon, Pool pool) {
    this.pools = pools;
    this.daemon = daemon;
    this.pool = pool;
  }

  @Override
  public long nanoTime() {
    return pool.scheduler.nanoTime();
  }

  @Override
  public Instant now() {
    return pool.scheduler.now();
  }

  @Override
  public void execute(Runnable task) {
    pool.scheduler.execute(
        () -> {
          if (!pools.begin(this)) {
            return;
          }
          try {
            task.run();
          } finally {
            pools.ended(daemon, pool);
          }
        });
  }

  @Override
  public Timer after(Duration delay, Runnable task) {
    return pool.scheduler.after(
        delay,
        () -> {
          if (!closed) {
            task.run();
          }
        });
  }

  @Override
  public <T> T await(CompletableFuture<T> future) throws InterruptedException {
    return pool.scheduler.await(future);
  }

  @Override
  public void close() {
    pools.leave(this);
  }
}
