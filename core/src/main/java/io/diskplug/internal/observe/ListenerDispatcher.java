// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.observe;

import io.diskplug.domain.DomainRef;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.engine.ThreadScheduler;
import io.diskplug.spi.PlugListener;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands over to a listener what happens, on a thread that does nothing else: a listener that blocks
 * or throws must not delay an answer. Safe for use by several threads.
 */
public final class ListenerDispatcher implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger("io.diskplug.listener");

  private static final int MOST_WAITING = 10_000;
  private static final long IDLE_SECONDS = 30;

  /** How long {@link #close} waits for the listener. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Of all executors of the process. */
  private static final AtomicLong NUMBER = new AtomicLong();

  private final PlugListener listener;
  private final Executor thread;

  /** The same thread, where there is one to wait for. */
  private final @Nullable ThreadPoolExecutor pool;

  private final Duration patience;
  private final RequestLog requests = new RequestLog();
  private final AtomicLong missed = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();

  /** The thread that is in the listener now. */
  private volatile @Nullable Thread telling;

  private boolean closed; // guarded by this

  /** The requests that were told and whose end was not. */
  private long open; // guarded by this

  private ListenerDispatcher(
      PlugListener listener,
      Executor thread,
      @Nullable ThreadPoolExecutor pool,
      Duration patience) {
    this.listener = listener;
    this.thread = thread;
    this.pool = pool;
    this.patience = patience;
  }

  /** Without a listener. */
  public static ListenerDispatcher none() {
    return new ListenerDispatcher(new PlugListener() {}, event -> {}, null, PATIENCE);
  }

  /**
   * A listener, on a daemon thread that ends when there was nothing to tell for a while.
   *
   * @param listener the listener
   */
  public static ListenerDispatcher inAThread(PlugListener listener) {
    return inAThread(listener, PATIENCE);
  }

  static ListenerDispatcher inAThread(PlugListener listener, Duration patience) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MOST_WAITING),
            ThreadScheduler.daemons("diskplug-listener-"));
    pool.allowCoreThreadTimeOut(true);
    return new ListenerDispatcher(listener, pool, pool, patience);
  }

  /** On the thread on which it happens, for tests. */
  public static ListenerDispatcher direct(PlugListener listener) {
    return new ListenerDispatcher(listener, Runnable::run, null, PATIENCE);
  }

  /** Begins a request. One that is begun after {@link #close} is not told at all. */
  public RequestEvents begin(
      PlugListener.Kind kind, DomainRef domain, Optional<VolumeRef> volume, LongSupplier clock) {
    boolean isTold;
    synchronized (this) {
      isTold = !closed;
      if (isTold) {
        open++;
      }
    }
    return new RequestEvents(
        this,
        requests,
        new PlugListener.Request(NUMBER.incrementAndGet(), kind, domain, volume),
        clock,
        isTold);
  }

  void tell(RequestMdc mdc, Consumer<PlugListener> event) {
    try {
      thread.execute(() -> mdc.during(() -> tellNow(event)));
    } catch (RejectedExecutionException e) {
      if (pool != null && !pool.isShutdown() && missed.getAndIncrement() == 0) {
        log.warn("{}", LogLine.of("listener-late").with("waiting", MOST_WAITING));
      }
    }
  }

  /** The last event of a request, except for calls that it did not wait for, was handed over. */
  synchronized void ended() {
    open--;
    endTheThreadAfterTheLast();
  }

  private void tellNow(Consumer<PlugListener> event) {
    telling = Thread.currentThread();
    try {
      event.accept(listener);
    } catch (RuntimeException e) {
      failed(e);
    } finally {
      telling = null;
    }
    if (pool != null && pool.getQueue().isEmpty()) {
      sayWhatWasMissed(0);
    }
  }

  /**
   * The first time, and then ever more rarely: one that fails at each event must not fill a log.
   */
  private void failed(RuntimeException problem) {
    long times = failures.incrementAndGet();
    if (Long.bitCount(times) == 1) {
      log.warn(
          "{}",
          LogLine.of("listener-failed")
              .with("times", times)
              .with("problem", problem.getClass().getName()));
    }
    log.debug("listener-failed", problem);
  }

  private void sayWhatWasMissed(int more) {
    long events = missed.getAndSet(0) + more;
    if (events > 0) {
      log.warn("{}", LogLine.of("listener-missed").with("events", events));
    }
  }

  private void endTheThreadAfterTheLast() {
    if (pool != null && closed && open == 0) {
      pool.shutdown();
    }
  }

  /**
   * Waits until all that has happened was told, the ends of the requests that were begun included;
   * nothing is told after that. The wait ends after five seconds, when a listener that blocks is
   * interrupted and misses the rest, and when the caller is interrupted, and there is none on the
   * listener's thread: then the rest is told after this has returned.
   */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      endTheThreadAfterTheLast();
    }
    ThreadPoolExecutor waited = pool;
    if (waited == null || Thread.currentThread().equals(telling)) {
      return;
    }
    try {
      boolean told = waited.awaitTermination(patience.toNanos(), TimeUnit.NANOSECONDS);
      sayWhatWasMissed(told ? 0 : waited.shutdownNow().size());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
