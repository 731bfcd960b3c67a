// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.storage;

import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.engine.Backoff;
import io.diskplug.internal.engine.LongWait;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.spi.StorageProbe.Finding;
import io.diskplug.spi.StorageProbe.Ready;
import io.diskplug.spi.StorageProbe.Reason;
import io.diskplug.spi.StorageProbe.Refused;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Asks the storage which clients have a volume open that no view shows. A detach that demands the
 * storage's answer asks again and again, for a storage counts a client that has closed a volume for
 * some time more. Another detach takes an answer that comes soon, and goes on without it.
 */
public final class StorageRelease {

  /** What the storage knows of a volume. */
  public sealed interface Answer {}

  /** No client has it open. */
  public record Closed() implements Answer {}

  /**
   * A client has.
   *
   * @param nextLook after how long to ask again
   */
  public record StillOpen(Duration nextLook) implements Answer {}

  /** There is no such volume by its name, so that nothing can be said of it. */
  public record Missing() implements Answer {}

  /**
   * It does not say.
   *
   * @param refused why
   */
  public record Unknown(Refused refused) implements Answer {}

  /** How long a detach waits for an answer that it does not demand. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /**
   * A storage that has said who has the volume is not asked again with less time than this: an
   * answer that takes longer would be taken for a storage that is gone.
   */
  private static final Duration LEAST = Duration.ofMillis(500);

  private final @Nullable StorageAdvice advice;
  private final DomainAccess domain;
  private final Scheduler scheduler;
  private final ObservationLog observations;
  private final Backoff looks;
  private final LongWait longWait;
  private boolean held;

  /** When an answer that is not demanded is not waited for any more; null before the question. */
  private @Nullable Long patienceEnds;

  /**
   * Asks nothing yet.
   *
   * @param advice what the storage says after a detach; null if it cannot be asked
   * @param looks the pauses between two questions
   * @param longWait makes them longer when the wait lasts
   */
  public StorageRelease(
      @Nullable StorageAdvice advice,
      DomainAccess domain,
      ObservationLog observations,
      Scheduler scheduler,
      Backoff looks,
      LongWait longWait) {
    this.advice = advice;
    this.domain = domain;
    this.scheduler = scheduler;
    this.observations = observations;
    this.looks = looks;
    this.longWait = longWait;
  }

  /** Whether the storage can be asked. */
  public boolean isPossible() {
    return advice != null;
  }

  /** How much longer to wait for an answer that is not demanded. */
  public Duration patience() {
    long now = scheduler.nanoTime();
    if (patienceEnds == null) {
      // Half of the deadline at most: the detach has to be answered, too.
      patienceEnds = now + Math.min(PATIENCE.toNanos(), domain.remaining().toNanos() / 2);
    }
    return Duration.ofNanos(Math.max(0, patienceEnds - now));
  }

  /** The storage has not answered a question that need not be answered. */
  public void isSilent() {
    observations.storageSaid("it has not answered in time");
  }

  /**
   * The answer; empty as long as there is none. One that is no proof is given once.
   *
   * @param demanded whether the detach waits until no client has the volume open
   */
  public Optional<Answer> answer(boolean demanded) {
    return advice == null
        ? Optional.empty()
        : advice.finding().map(finding -> heed(finding, demanded));
  }

  private Answer heed(Finding finding, boolean demanded) {
    held = false;
    if (finding instanceof Ready) {
      observations.storageSaid("no client has it open");
      return new Closed();
    }
    Refused refused = (Refused) finding;
    if (refused.reason() == Reason.NOT_FOUND) {
      observations.storageSaid(refused.explanation());
      return new Missing();
    }
    forget();
    observations.storageSaid(refused.explanation());
    if (refused.reason() != Reason.IN_USE) {
      return new Unknown(refused);
    }
    held = demanded;
    return new StillOpen(nextLook());
  }

  private Duration nextLook() {
    longWait.isFor(Reason.IN_USE);
    Duration look = longWait.next(looks.next(), Stream.empty());
    Duration left = domain.remaining();
    boolean isTime = left.compareTo(look.plus(LEAST)) >= 0;
    // Too late for another question: a wait beyond the deadline, which ends the request.
    return isTime ? look : left.plus(LEAST);
  }

  /** How long it is worth waiting for the answer. */
  public Duration left() {
    return advice == null ? Duration.ZERO : advice.left();
  }

  /** Whether a client had the volume open when the storage answered last. */
  public boolean held() {
    return held;
  }

  /** What was answered may hold no more. */
  public void forget() {
    held = false;
    patienceEnds = null;
    observations.storageSaid(null);
    if (advice != null) {
      advice.askAgain();
    }
  }
}
