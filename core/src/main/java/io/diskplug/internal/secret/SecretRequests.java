// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.secret;

import io.diskplug.internal.engine.Calls;
import io.diskplug.internal.engine.Deadline;
import io.diskplug.internal.engine.Lanes;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.fault.FaultClassifier;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.outcome.SecretFailedException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/**
 * Runs requests about secrets, which are about no domain: they have one lane of their own, so that
 * a call that hangs costs one worker, and those behind it are told. Safe for use by several
 * threads.
 */
public final class SecretRequests implements AutoCloseable {

  private static final int MOST_REQUESTS = 64;

  private final FaultClassifier classifier;
  private final Scheduler scheduler;
  private final RandomGenerator random;
  private final Lanes lanes;
  private final Set<SecretJob<?>> jobs = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * What a request does, in rounds that follow each other until one has a result.
   *
   * @param <T> what it comes to
   */
  @FunctionalInterface
  public interface Rounds<T> {
    /**
     * Looks, decides, and makes at most one change.
     *
     * @param calls makes the calls
     * @return the result; empty for another round at once
     * @throws FaultException of a call; what it means decides whether there is another round
     * @throws SecretFailedException if there is no use in another round
     */
    Optional<T> round(Calls calls) throws FaultException;
  }

  /**
   * No requests yet.
   *
   * @param classifier says what faults mean
   * @param scheduler time and threads, which stay the caller's to close
   * @param random spreads pauses; must be safe for use by several threads
   */
  public SecretRequests(FaultClassifier classifier, Scheduler scheduler, RandomGenerator random) {
    this.classifier = classifier;
    this.scheduler = scheduler;
    this.random = random;
    this.lanes = new Lanes(scheduler, MOST_REQUESTS);
  }

  /**
   * Runs a request, and waits for its result. An interrupt ends it, and leaves the thread's
   * interrupt status set.
   *
   * @param rounds what it does
   * @param budget how long it may take; positive
   * @throws IllegalArgumentException if the budget is not positive
   * @throws SecretFailedException if it has no result
   */
  public <T> T run(Rounds<T> rounds, Duration budget) {
    Deadline.requirePositive(budget);
    SecretJob<T> job =
        new SecretJob<>(
            rounds,
            Deadline.after(scheduler::nanoTime, budget),
            classifier,
            scheduler,
            random,
            lanes);
    jobs.add(job);
    try {
      if (!closed) { // a later close sees the job
        job.start();
      } else {
        job.close();
      }
      return job.await();
    } finally {
      jobs.remove(job);
    }
  }

  /** The clock of the requests. */
  long nanoTime() {
    return scheduler.nanoTime();
  }

  /** Takes no new requests, and ends those under way. Does not block. */
  @Override
  public void close() {
    closed = true;
    jobs.forEach(SecretJob::close);
  }
}
