// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.domain.VolumeRef;
import io.diskplug.spi.StorageProbe.Finding;
import io.diskplug.spi.StorageProbe.Ready;
import io.diskplug.spi.StorageProbe.Reason;
import io.diskplug.spi.StorageProbe.Refused;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Asks the storage who has a volume open that no view shows, if a detach has to know. Somebody who
 * has let go of it is seen for a moment more, so that it is asked again and again.
 */
final class StorageRelease {

  /** What the storage knows of a volume. */
  sealed interface Answer {}

  /** Nobody has it open. */
  record Nobody() implements Answer {}

  /**
   * Somebody has.
   *
   * @param nextLook after how long to ask again
   */
  record Somebody(Duration nextLook) implements Answer {}

  /** There is no such volume by its name, so that nothing can be said of it. */
  record Missing() implements Answer {}

  /**
   * It does not say.
   *
   * @param refused why
   */
  record Unknown(Refused refused) implements Answer {}

  private final @Nullable StorageAdvice advice;
  private final Trace trace;
  private final Backoff looks;
  private boolean held;

  /**
   * Asks nobody yet.
   *
   * @param signal raised when there is an answer
   */
  StorageRelease(
      Sought sought, BoundedDomain domain, Trace trace, RequestContext context, Signal signal) {
    this.advice = advice(sought, domain, context, signal);
    this.trace = trace;
    this.looks = Backoff.betweenLooks(context.random());
  }

  private static @Nullable StorageAdvice advice(
      Sought sought, BoundedDomain domain, RequestContext context, Signal signal) {
    VolumeRef volume = sought.knownVolume().orElse(null);
    if (volume == null || !context.mustAskStorage()) {
      return null;
    }
    StorageAdvice advice = StorageAdvice.afterDetach(volume, domain, context, signal);
    return advice.isToBeHad() ? advice : null;
  }

  /** Whether the storage has to be asked, and can be. */
  boolean isToBeProven() {
    return advice != null;
  }

  /** The answer; empty as long as there is none. One that is no proof is given once. */
  Optional<Answer> answer() {
    return advice == null ? Optional.empty() : advice.finding().map(this::heed);
  }

  private Answer heed(Finding finding) {
    held = false;
    if (finding instanceof Ready) {
      trace.storageSaid("nobody has it open");
      return new Nobody();
    }
    Refused refused = (Refused) finding;
    if (refused.reason() == Reason.NOT_FOUND) {
      trace.storageSaid(refused.explanation());
      return new Missing();
    }
    forget();
    trace.storageSaid(refused.explanation());
    if (refused.reason() != Reason.IN_USE) {
      return new Unknown(refused);
    }
    held = true;
    return new Somebody(looks.next());
  }

  /** How long it is worth waiting for the answer. */
  Duration left() {
    return advice == null ? Duration.ZERO : advice.left();
  }

  /** Whether somebody had the volume open when the storage answered last. */
  boolean held() {
    return held;
  }

  /** What was answered may hold no more. */
  void forget() {
    held = false;
    trace.storageSaid(null);
    if (advice != null) {
      advice.askAgain();
    }
  }
}
