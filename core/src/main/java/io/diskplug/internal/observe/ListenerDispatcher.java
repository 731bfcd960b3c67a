// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.observe;

import io.diskplug.domain.DomainRef;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.engine.ThreadScheduler;
import io.diskplug.spi.PlugListener;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands over to a listener what happens, on a thread of its own: a listener that blocks or throws
 * must not delay an answer. Safe for use by several threads.
 */
public final class ListenerDispatcher implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ListenerDispatcher.class);

  private static final int MOST_WAITING = 10_000;
  private static final long IDLE_SECONDS = 30;

  /** Of all executors of the process. */
  private static final AtomicLong NUMBER = new AtomicLong();

  private final PlugListener listener;
  private final Executor thread;
  private final Runnable close;
  private final AtomicLong missed = new AtomicLong();
  private volatile boolean closed;

  private ListenerDispatcher(PlugListener listener, Executor thread, Runnable close) {
    this.listener = listener;
    this.thread = thread;
    this.close = close;
  }

  /** Without a listener. */
  public static ListenerDispatcher none() {
    return new ListenerDispatcher(new PlugListener() {}, event -> {}, () -> {});
  }

  /**
   * A listener, on a daemon thread that ends when there was nothing to tell for a while.
   *
   * @param listener the listener
   */
  public static ListenerDispatcher inAThread(PlugListener listener) {
    ThreadPoolExecutor thread =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MOST_WAITING),
            ThreadScheduler.daemons("diskplug-listener-"));
    thread.allowCoreThreadTimeOut(true);
    return new ListenerDispatcher(listener, thread, thread::shutdown);
  }

  /** On the thread on which it happens, for tests. */
  public static ListenerDispatcher direct(PlugListener listener) {
    return new ListenerDispatcher(listener, Runnable::run, () -> {});
  }

  public RequestEvents begin(
      PlugListener.Kind kind, DomainRef domain, Optional<VolumeRef> volume, LongSupplier clock) {
    return new RequestEvents(
        this, new PlugListener.Request(NUMBER.incrementAndGet(), kind, domain, volume), clock);
  }

  void tell(Consumer<PlugListener> event) {
    try {
      thread.execute(() -> tellNow(event));
    } catch (RejectedExecutionException e) {
      if (!closed && missed.getAndIncrement() == 0) {
        log.warn("the listener does not keep up; it is not told everything");
      }
    }
  }

  private void tellNow(Consumer<PlugListener> event) {
    try {
      event.accept(listener);
    } catch (RuntimeException e) {
      log.warn("the listener failed", e);
    }
  }

  /** What has happened by now is told, and nothing after that. Does not block. */
  @Override
  public void close() {
    closed = true;
    close.run();
    if (missed.get() > 0) {
      log.warn("the listener was not told of {} events", missed);
    }
  }
}
