// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.observe.LogLine;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was submitted: one request, or several together. Safe for use by several threads.
 *
 * @param <T> what it comes to
 */
public final class RequestHandle<T> {

  private static final Logger log = LoggerFactory.getLogger("io.diskplug.request");

  private final CompletableFuture<T> outcome;
  private final Runnable interrupt;
  private final Scheduler scheduler;

  /**
   * A request under way.
   *
   * @param outcome completed on any thread; it stays the request's own
   * @param interrupt ends the request, which then completes its outcome before this returns; may be
   *     called at any time, and more than once
   * @param scheduler waits for it
   */
  RequestHandle(CompletableFuture<T> outcome, Runnable interrupt, Scheduler scheduler) {
    this.outcome = outcome;
    this.interrupt = interrupt;
    this.scheduler = scheduler;
  }

  /**
   * Several requests as one, which has its outcome when each of them has.
   *
   * @param each the requests; the same one may be there more than once
   * @param scheduler waits for them
   */
  static <T> RequestHandle<List<T>> all(List<RequestHandle<T>> each, Scheduler scheduler) {
    CompletableFuture<List<T>> outcomes =
        CompletableFuture.allOf(
                each.stream().map(one -> one.outcome).toArray(CompletableFuture<?>[]::new))
            .thenApply(done -> each.stream().map(one -> one.outcome.join()).toList());
    return new RequestHandle<>(outcomes, () -> each.forEach(one -> one.interrupt.run()), scheduler);
  }

  /**
   * Waits for the outcome. An interrupt ends the request, which then says so, and leaves the
   * thread's interrupt status set.
   */
  public T await() {
    try {
      return scheduler.await(outcome);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      interrupt.run();
      return outcome.join();
    }
  }

  /**
   * The outcome when it is there. Cancelling the future ends the request before its next call, and
   * takes nothing back that was sent.
   *
   * @param completing completes the future. If it throws, the future is completed on the thread
   *     that has the outcome.
   */
  public CompletableFuture<T> future(Executor completing) {
    CompletableFuture<T> future = new CompletableFuture<>();
    CompletableFuture<T> unusedCancelling =
        future.whenComplete(
            (result, problem) -> {
              if (future.isCancelled()) {
                interrupt.run();
              }
            });
    CompletableFuture<T> unusedCompleting =
        outcome.whenComplete(
            (result, problem) -> {
              if (!future.isDone()) {
                handOver(completing, () -> complete(future, result, problem));
              }
            });
    return future;
  }

  private static void handOver(Executor completing, Runnable completion) {
    try {
      completing.execute(completion);
    } catch (RuntimeException e) { // RejectedExecutionException above all
      log.warn(
          "{}",
          LogLine.of("completion-rejected")
              .with("thread", Thread.currentThread().getName())
              .with("problem", e.getClass().getName())
              .with(
                  "explanation",
                  "the executor of the options has not taken an outcome, which is completed on this"
                      + " thread"));
      completion.run();
    }
  }

  private static <T> void complete(
      CompletableFuture<T> future, @Nullable T result, @Nullable Throwable problem) {
    if (problem != null) {
      Throwable cause = problem.getCause();
      boolean unused =
          future.completeExceptionally(
              problem instanceof CompletionException && cause != null ? cause : problem);
    } else if (result != null && !future.isDone()) {
      boolean unused = future.complete(result);
    }
  }
}
