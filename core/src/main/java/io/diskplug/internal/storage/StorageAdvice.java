// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.storage;

import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.engine.Signal;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.StorageProbe;
import io.diskplug.spi.StorageProbe.Finding;
import io.diskplug.spi.StorageProbe.Ready;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What the storage has to say to a request for one disk: asked when it is needed, and again when
 * the answer is old or is to be had anew.
 */
public final class StorageAdvice {

  private static final Duration LONGEST_QUESTION = Duration.ofSeconds(10);

  private final Duration longest;
  private final StorageProbes storage;
  private final @Nullable StorageProbe probe;
  private final BiFunction<StorageProbe, Duration, Finding> asks;
  private final DomainAccess domain;
  private final Scheduler scheduler;
  private final Signal signal;
  private @Nullable StorageQuestion question;

  private StorageAdvice(
      Optional<StorageProbe> probe,
      BiFunction<StorageProbe, Duration, Finding> asks,
      Duration longest,
      DomainAccess domain,
      StorageProbes storage,
      Scheduler scheduler,
      Signal signal) {
    this.longest = longest;
    this.storage = storage;
    this.probe = probe.orElse(null);
    this.asks = asks;
    this.domain = domain;
    this.scheduler = scheduler;
    this.signal = signal;
  }

  /**
   * What it says before an attach.
   *
   * @param signal raised when there is an answer
   */
  public static StorageAdvice beforeAttach(
      DiskSource disk,
      DomainAccess domain,
      StorageProbes storage,
      Scheduler scheduler,
      Signal signal) {
    return new StorageAdvice(
        storage.of(disk),
        (probe, budget) -> probe.beforeAttach(disk, budget),
        LONGEST_QUESTION,
        domain,
        storage,
        scheduler,
        signal);
  }

  /**
   * What it says after one.
   *
   * @param signal raised when there is an answer
   */
  public static StorageAdvice afterAttach(
      DiskSource disk,
      DomainAccess domain,
      StorageProbes storage,
      Scheduler scheduler,
      Signal signal) {
    return new StorageAdvice(
        storage.of(disk),
        (probe, budget) -> probe.afterAttach(disk, budget),
        LONGEST_QUESTION,
        domain,
        storage,
        scheduler,
        signal);
  }

  /**
   * What it says after a detach.
   *
   * @param signal raised when there is an answer
   */
  public static StorageAdvice afterDetach(
      VolumeRef volume,
      DomainAccess domain,
      StorageProbes storage,
      Scheduler scheduler,
      Signal signal) {
    return new StorageAdvice(
        storage.of(volume),
        (probe, budget) -> probe.afterDetach(volume, budget),
        LONGEST_QUESTION,
        domain,
        storage,
        scheduler,
        signal);
  }

  /**
   * Whether it knows of any client that has a volume open.
   *
   * @param longest how long it may take
   * @param signal raised when there is an answer
   */
  static StorageAdvice anyClient(
      VolumeRef volume,
      Duration longest,
      DomainAccess domain,
      StorageProbes storage,
      Scheduler scheduler,
      Signal signal) {
    return new StorageAdvice(
        storage.of(volume),
        (probe, budget) -> probe.anyClient(volume, budget),
        longest,
        domain,
        storage,
        scheduler,
        signal);
  }

  /**
   * How large it says that a volume is.
   *
   * @param signal raised when there is an answer
   */
  public static StorageAdvice sizeOf(
      VolumeRef volume,
      DomainAccess domain,
      StorageProbes storage,
      Scheduler scheduler,
      Signal signal) {
    return new StorageAdvice(
        storage.of(volume),
        (probe, budget) -> probe.sizeOf(volume, budget),
        LONGEST_QUESTION,
        domain,
        storage,
        scheduler,
        signal);
  }

  /** Whether there is a probe to ask. */
  public boolean isToBeHad() {
    return probe != null;
  }

  /**
   * The last answer; empty as long as there is none, or the deadline leaves no time to ask. Ready
   * if no probe is configured.
   */
  public Optional<Finding> finding() {
    if (probe == null) {
      return Optional.of(new Ready(OptionalLong.empty()));
    }
    StorageQuestion asked = question;
    if (asked == null || asked.isOld()) {
      Duration budget = budget();
      if (budget.isZero() || budget.isNegative()) {
        return Optional.empty();
      }
      asked = storage.ask(probe, asks, budget, scheduler, signal::raise);
      question = asked;
    }
    return asked.finding();
  }

  /** How long it is worth waiting for the answer. */
  public Duration left() {
    return question == null ? Duration.ZERO : question.left();
  }

  /** What was answered may hold no more. */
  public void askAgain() {
    question = null;
  }

  /** Leaves the time to say that the storage has not answered. */
  private Duration budget() {
    Duration most = domain.remaining().multipliedBy(9).dividedBy(10);
    return most.compareTo(longest) < 0 ? most : longest;
  }
}
