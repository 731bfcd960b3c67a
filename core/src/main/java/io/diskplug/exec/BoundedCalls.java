// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.fault.Call;
import io.diskplug.fault.FaultException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

    String describe(Time time) {
      Duration since = Duration.ofNanos(time.nanoTime() - sinceNanos);
      return "an earlier " + call + " has not returned for " + since.toMillis() + " ms";
    }
  }

  private final Time time;
  private final Map<Object, Outstanding> outstanding = new ConcurrentHashMap<>();
  private final ExecutorService threads;

  BoundedCalls(Time time) {
    this.time = time;
    AtomicInteger number = new AtomicInteger();
    // Not bounded: a domain has one call at most, so there are never more threads than domains in
    // use, and a thread that waits for one wedged domain must not be missing for another.
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

  <T> T call(Object key, Call call, Deadline deadline, Body<T> body)
      throws FaultException, CallUnfinishedException, InterruptedException {
    if (deadline.hasPassed()) {
      throw new CallUnfinishedException(call, false);
    }
    long start = time.nanoTime();
    Future<T> future = threads.submit(body::run);
    boolean returned = false;
    try {
      T result = future.get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
      returned = true;
      return result;
    } catch (TimeoutException e) {
      throw new CallUnfinishedException(call, true);
    } catch (ExecutionException e) {
      returned = true;
      throw rethrow(e);
    } finally {
      if (!returned) {
        outstanding.put(key, new Outstanding(call, start, future));
      }
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

  /** Starts no more calls. Those under way are abandoned. */
  @Override
  public void close() {
    threads.shutdown();
  }
}
