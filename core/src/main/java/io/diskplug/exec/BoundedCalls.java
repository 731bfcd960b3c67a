// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.fault.Call;
import io.diskplug.fault.FaultException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes calls that may hang, and waits for them only until a deadline. A native call cannot be
 * stopped: one that does not return in time goes on on its daemon thread, and is remembered under
 * its key until it returns, so that nobody starts another one there. Safe for use by several
 * threads.
 */
final class BoundedCalls implements AutoCloseable {

  /** A call on the port. */
  @FunctionalInterface
  interface Body<T> {
    T run() throws FaultException;
  }

  /** A call that outlasted its deadline, and has not returned yet. */
  record Outstanding(Call call, long sinceNanos, Future<?> future) {

    Duration since(Time time) {
      return Duration.ofNanos(time.nanoTime() - sinceNanos);
    }

    String describe(Time time) {
      return "an earlier " + call + " has not returned for " + since(time).toMillis() + " ms";
    }
  }

  private final Time time;
  private final Map<Object, Outstanding> outstanding = new ConcurrentHashMap<>();
  private final Set<CompletableFuture<?>> waiting = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads;

  BoundedCalls(Time time) {
    this.time = time;
    AtomicInteger number = new AtomicInteger();
    // Not bounded: a thread that a wedged domain holds must not be missing for another. A domain
    // has
    // one call at a time, a lookup is one a request: callers bound the number.
    this.threads =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "diskplug-call-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /** The call under this key that outlasted its deadline, while it has not returned. */
  Optional<Outstanding> outstanding(Object key) {
    Outstanding call = outstanding.get(key);
    if (call != null && call.future.isDone()) {
      outstanding.remove(key, call);
      return Optional.empty();
    }
    return Optional.ofNullable(call);
  }

  @SuppressWarnings("CollectionUndefinedEquality") // a future equals itself alone: just right here
  <T> T call(Object key, Call call, Deadline deadline, Body<T> body)
      throws FaultException, CallUnfinishedException, InterruptedException {
    if (deadline.hasPassed()) {
      throw new CallUnfinishedException(call, false);
    }
    CompletableFuture<T> result = new CompletableFuture<>();
    Future<?> thread = submit(call, body, result);
    waiting.add(result);
    long start = time.nanoTime();
    boolean returned = false;
    try {
      T value = result.get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
      returned = true;
      return value;
    } catch (TimeoutException | CancellationException e) {
      throw new CallUnfinishedException(call, true);
    } catch (ExecutionException e) {
      returned = true;
      throw rethrow(e);
    } finally {
      waiting.remove(result);
      if (!returned) {
        outstanding.values().removeIf(old -> old.future().isDone());
        outstanding.put(key, new Outstanding(call, start, thread));
      }
    }
  }

  private <T> Future<?> submit(Call call, Body<T> body, CompletableFuture<T> result)
      throws CallUnfinishedException {
    try {
      return threads.submit(
          () -> {
            try {
              result.complete(body.run());
            } catch (FaultException | RuntimeException | Error e) {
              result.completeExceptionally(e);
            }
          });
    } catch (RejectedExecutionException e) { // closed
      throw new CallUnfinishedException(call, false);
    }
  }

  private static FaultException rethrow(ExecutionException e) {
    Throwable cause = e.getCause();
    if (cause instanceof FaultException fault) {
      return fault;
    }
    if (cause instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    throw new IllegalStateException(cause);
  }

  /** Starts no more calls. Those under way are abandoned: nobody waits for them any more. */
  @Override
  public void close() {
    threads.shutdown();
    waiting.forEach(result -> result.cancel(false));
  }
}
