// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import io.diskplug.internal.engine.Scheduler;
import io.diskplug.outcome.Outcome;
import java.util.concurrent.CompletableFuture;

/**
 * A request that was submitted. Safe for use by several threads.
 *
 * @param <O> the outcomes that it can come to
 */
public final class RequestHandle<O extends Outcome> {

  private final Job<O> job;
  private final Scheduler scheduler;

  RequestHandle(Job<O> job, Scheduler scheduler) {
    this.job = job;
    this.scheduler = scheduler;
  }

  /**
   * Waits for the outcome. An interrupt ends the request, which then says so, and leaves the
   * thread's interrupt status set.
   */
  public O await() {
    try {
      return scheduler.await(job.outcome());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      job.interrupt();
      return job.outcome().join();
    }
  }

  /**
   * The outcome when it is there. What depends on it runs in the common pool. Cancelling the future
   * ends the request before its next call, and takes nothing back that was sent.
   */
  public CompletableFuture<O> future() {
    CompletableFuture<O> future = job.outcome().whenCompleteAsync((outcome, problem) -> {});
    CompletableFuture<O> unused =
        future.whenComplete(
            (outcome, problem) -> {
              if (future.isCancelled()) {
                job.interrupt();
              }
            });
    return future;
  }
}
