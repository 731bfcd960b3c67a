// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.reason;

import io.diskplug.internal.engine.Scheduler;
import io.diskplug.outcome.Unavailable;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * What the requests of this process have tried in vain, by the domain, by what the request was
 * about, and by what was in the way. An entry ends when a request on the same subject succeeds,
 * when the domain is read with other devices or in another state, and when it was not seen for a
 * day. There are at most {@value #MOST} entries: the one that was not seen for longest goes first.
 * Safe for use by several threads.
 */
public final class PastAttempts {

  private static final int MOST = 2000;
  private static final Duration LONGEST = Duration.ofDays(1);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_RETRY = Duration.ofMinutes(5);

  /** After so many answers the longest retry is reached. */
  private static final int MOST_DOUBLINGS = 9;

  private final Scheduler scheduler;
  private final Map<Key, Attempt> attempts = new HashMap<>(); // guarded by this

  public PastAttempts(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /**
   * What was in the way of what.
   *
   * @param subject what the request was about: names the kind of request and the volume
   * @param reason what was in the way
   * @param fault libvirt's words for it, if the reason alone does not tell one from another
   */
  record Key(UUID domain, String subject, Unavailable.Reason reason, String fault) {}

  /**
   * What was seen of it.
   *
   * @param times how often it was tried
   * @param outcomes how many requests have ended with it
   * @param first when it was first seen
   * @param last when it was last seen
   * @param views tells the devices and the state of the domain from others
   */
  record Attempt(int times, int outcomes, long first, long last, int views) {

    /** When a request is worth repeating that has ended so: in minutes, after some of them. */
    Duration retryAfter() {
      Duration doubled =
          FIRST_RETRY.multipliedBy(1L << Math.min(Math.max(outcomes - 1, 0), MOST_DOUBLINGS));
      return doubled.compareTo(LONGEST_RETRY) < 0 ? doubled : LONGEST_RETRY;
    }
  }

  /** It was tried once more, in vain. */
  synchronized void tried(Key key, int views) {
    long now = scheduler.nanoTime();
    attempts.values().removeIf(old -> now - old.last() > LONGEST.toNanos());
    Attempt before = attempts.get(key);
    remember(
        key,
        before == null || before.views() != views
            ? new Attempt(1, 0, now, now, views)
            : new Attempt(before.times() + 1, before.outcomes(), before.first(), now, views));
  }

  private void remember(Key key, Attempt attempt) {
    attempts.put(key, attempt);
    if (attempts.size() > MOST) {
      attempts.entrySet().stream()
          .min(Comparator.comparingLong(entry -> entry.getValue().last() - attempt.last()))
          .map(Map.Entry::getKey)
          .ifPresent(attempts::remove);
    }
  }

  /** A request ends with it. What was not tried before this is one try. */
  synchronized Attempt answered(Key key, int views) {
    Attempt seen = attempts.get(key);
    if (seen == null) {
      long now = scheduler.nanoTime();
      seen = new Attempt(1, 0, now, now, views);
    }
    Attempt ended =
        new Attempt(seen.times(), seen.outcomes() + 1, seen.first(), seen.last(), seen.views());
    remember(key, ended);
    return ended;
  }

  /** How many requests have ended with it. */
  synchronized int outcomes(Key key, int views) {
    Attempt seen = attempts.get(key);
    return seen == null || seen.views() != views ? 0 : seen.outcomes();
  }

  /** How long ago it was first seen. */
  Duration since(Attempt attempt) {
    return Duration.ofNanos(scheduler.nanoTime() - attempt.first());
  }

  /** A request on the subject has come to its end. */
  synchronized void over(UUID domain, String subject) {
    if (!attempts.isEmpty()) {
      attempts
          .keySet()
          .removeIf(key -> key.domain().equals(domain) && key.subject().equals(subject));
    }
  }
}
