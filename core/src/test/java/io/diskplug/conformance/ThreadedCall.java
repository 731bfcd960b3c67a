// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import io.diskplug.internal.fault.FaultException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A call on a thread of its own. */
public final class ThreadedCall {

  private final FutureTask<@Nullable Void> task;

  /** Begins it. */
  public ThreadedCall(TestBed.Call call) {
    task =
        new FutureTask<>(
            () -> {
              call.run();
              return null;
            });
    Thread thread = new Thread(task, "conformance-call");
    thread.setDaemon(true);
    thread.start();
  }

  /** Whether it has returned, or does within this time. */
  public boolean hasReturned(Duration within) {
    try {
      task.get(within.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return task.isDone();
  }

  /**
   * Waits for it.
   *
   * @throws FaultException what it has thrown
   */
  public void join(Duration atMost) throws FaultException {
    if (!hasReturned(atMost)) {
      throw new AssertionError("the call has not returned after " + atMost);
    }
    try {
      task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof FaultException fault) {
        throw fault;
      }
      throw new AssertionError(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
