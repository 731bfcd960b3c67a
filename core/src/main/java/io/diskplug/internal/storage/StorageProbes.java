// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.storage;

import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.StorageSource;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.engine.ThreadScheduler;
import io.diskplug.internal.observe.LogLine;
import io.diskplug.internal.observe.RequestMdc;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.StorageProbe;
import io.diskplug.spi.StorageProbe.Finding;
import io.diskplug.spi.StorageProbe.Reason;
import io.diskplug.spi.StorageProbe.Refused;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The probes that requests ask before they let QEMU open a volume, and after it was to close it, on
 * threads of their own: a storage that does not answer must keep no worker. Safe for use by several
 * threads.
 */
public final class StorageProbes {

  private static final Logger log = LoggerFactory.getLogger("io.diskplug.storage");

  /** So many questions that no storage answers are enough. */
  private static final int MOST_THREADS = 32;

  private static final long IDLE_SECONDS = 30;

  private final List<StorageProbe> probes;
  private final Executor threads;

  /** What was thrown by which probe: each is a warning once. */
  private final Set<String> warned = ConcurrentHashMap.newKeySet();

  /**
   * Probes, of which the first that answers for a disk is asked.
   *
   * @param probes the probes, which stay the caller's to close
   * @param threads run a question each; must not run it on the calling thread
   */
  public StorageProbes(List<StorageProbe> probes, Executor threads) {
    this.probes = List.copyOf(probes);
    this.threads = threads;
  }

  /** No storage is asked. */
  public static StorageProbes none() {
    return new StorageProbes(List.of(), question -> {});
  }

  /**
   * Probes that are asked on daemon threads.
   *
   * @param probes the probes, which stay the caller's to close
   */
  public static StorageProbes inThreads(List<StorageProbe> probes) {
    return probes.isEmpty()
        ? none()
        : new StorageProbes(
            probes,
            new ThreadPoolExecutor(
                0,
                MOST_THREADS,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                ThreadScheduler.daemons("diskplug-probe-")));
  }

  /** The probe to ask about a disk. */
  Optional<StorageProbe> of(DiskSource disk) {
    return probes.stream().filter(probe -> probe.answersFor(disk)).findFirst();
  }

  /** The probe to ask about a volume of which no more is known. */
  Optional<StorageProbe> of(VolumeRef volume) {
    return probes.stream().filter(probe -> probe.answersFor(volume)).findFirst();
  }

  /** Which volume a disk of this library is, if a probe can say who has it open. */
  Optional<SourceIdentity> identityOf(StorageSource source, String alias) {
    return probes.stream().flatMap(probe -> probe.identityOf(source, alias).stream()).findFirst();
  }

  /** Whether there is no probe at all. */
  boolean areNone() {
    return probes.isEmpty();
  }

  /**
   * Asks.
   *
   * @param question what to ask, given the time that there is
   * @param budget how long it may take; after that the answer is that the storage does not answer
   * @param answered called when the answer is there, on any thread
   */
  StorageQuestion ask(
      StorageProbe probe,
      BiFunction<StorageProbe, Duration, Finding> question,
      Duration budget,
      Scheduler scheduler,
      Runnable answered) {
    StorageQuestion asked = new StorageQuestion(scheduler, budget);
    RequestMdc mdc = RequestMdc.ofThisThread();
    try {
      threads.execute(
          () -> {
            mdc.during(() -> asked.answer(answer(question, probe, budget)));
            answered.run();
          });
    } catch (RejectedExecutionException e) {
      asked.answer(
          new Refused(
              Reason.UNREACHABLE, MOST_THREADS + " questions to storages are not answered yet"));
    }
    return asked;
  }

  /** What was thrown is not quoted in a warning: a probe may know a secret. */
  private Finding failed(StorageProbe probe, Reason reason, Throwable thrown) {
    String by = probe.getClass().getName();
    String problem = thrown.getClass().getName();
    if (warned.add(by + " " + problem)) {
      log.warn("{}", LogLine.of("probe-failed").with("probe", by).with("problem", problem));
    }
    log.debug("probe-failed", thrown);
    return new Refused(reason, "the probe of the storage failed: " + thrown.getClass().getName());
  }

  private Finding answer(
      BiFunction<StorageProbe, Duration, Finding> question, StorageProbe probe, Duration budget) {
    try {
      return question.apply(probe, budget);
    } catch (RuntimeException e) {
      // A probe is foreign code: what it throws says nothing of the storage.
      return failed(probe, Reason.NOT_KNOWN, e);
    } catch (LinkageError e) {
      return failed(probe, Reason.CANNOT_ASK, e);
    }
  }
}
