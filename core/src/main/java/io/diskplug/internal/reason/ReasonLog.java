// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.reason;

import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.outcome.Attempts;
import io.diskplug.outcome.Unavailable;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;

/**
 * What is in the way of one request, together with what was in the way of those before it: so that
 * its outcome says how often and since when it was tried, what was answered last, and what helps.
 */
public final class ReasonLog {

  private final UUID domain;
  private final ObservationLog observations;
  private final PastAttempts past;
  private String subject;

  /** Of the domain as it was read last: a digest, because a request can last for long. */
  private int views;

  /**
   * Nothing is in the way.
   *
   * @param kind names the kind of request
   */
  public ReasonLog(UUID domain, String kind, ObservationLog observations, PastAttempts past) {
    this.domain = domain;
    this.subject = kind;
    this.observations = observations;
    this.past = past;
  }

  /** Names what the request is about, if it is about one thing. */
  public void about(String name) {
    subject = subject + " " + name;
  }

  /** The domain was read: a fault is the same fault only while these are the same. */
  public void saw(Snapshot snapshot) {
    views = Objects.hash(snapshot.status().state(), snapshot.status().id(), snapshot.views());
  }

  /** Something is in the way. */
  public void met(Unavailable.Reason reason, String explanation) {
    past.tried(key(reason, explanation), views);
  }

  /** Whether a request has ended with the same before, with the same views. */
  public boolean hasEndedARequest(Unavailable.Reason reason, String explanation) {
    return past.outcomes(key(reason, explanation), views) > 0;
  }

  /** The request ends with it: its observation says how often it was met. */
  public Unavailable endsARequest(Unavailable.Reason reason, String explanation) {
    return endsARequest(reason, explanation, Reasons.RETRY_SOON);
  }

  /**
   * The same for a reason that is understood and lasts longer.
   *
   * @param retryAfter when another request is worth its while
   */
  public Unavailable endsARequest(
      Unavailable.Reason reason, String explanation, Duration retryAfter) {
    PastAttempts.Key key = key(reason, explanation);
    PastAttempts.Attempt attempt = past.answered(key, views);
    Attempts attempts =
        new Attempts(
            attempt.times(),
            past.since(attempt),
            observations.lastFault().map(LibvirtFault::toString),
            Reasons.advice(reason));
    observations.attempts(attempts);
    if (isUnderstood(reason)) {
      return new Unavailable(reason, explanation, retryAfter, observations.observation());
    }
    String repeated =
        attempt.times() == 1
            ? ""
            : "; seen "
                + attempt.times()
                + " times in "
                + attempts.since().toSeconds()
                + " s, with the domain unchanged: it may not heal by waiting";
    return new Unavailable(
        reason, explanation + repeated, attempt.retryAfter(), observations.observation());
  }

  /** The request came to something else. */
  public void over() {
    past.over(domain, subject);
  }

  /** What is understood passes; what is not may stay for ever. */
  private static boolean isUnderstood(Unavailable.Reason reason) {
    return switch (reason) {
      case FAULT, UNREADABLE, STORAGE_UNANSWERED -> false;
      default -> true;
    };
  }

  /** The words of other reasons have numbers in them that change. */
  private PastAttempts.Key key(Unavailable.Reason reason, String explanation) {
    return new PastAttempts.Key(domain, subject, reason, isUnderstood(reason) ? "" : explanation);
  }
}
