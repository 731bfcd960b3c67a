// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.coordination;

import io.diskplug.internal.engine.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Since when this process has seen what others have noted in domains: the clocks of two hosts
 * differ, so that the time in a note counts only where it leaves no doubt. Safe for use by several
 * threads.
 */
public final class FirstSeen {

  private final Scheduler scheduler;
  private final String token;
  private final AtomicLong serials = new AtomicLong();
  private final Map<String, Long> first = new ConcurrentHashMap<>();

  /**
   * Nothing was seen.
   *
   * @param random tells this process from others
   */
  FirstSeen(Scheduler scheduler, RandomGenerator random) {
    this.scheduler = scheduler;
    this.token = Long.toHexString(random.nextLong());
  }

  /** What this process signs its own notes with. */
  public String token() {
    return token;
  }

  /** Tells what this process notes from what it has noted before. */
  long serial() {
    return serials.incrementAndGet();
  }

  /** Whether this process sees it for the first time. */
  boolean isNew(String what) {
    forget();
    return first.putIfAbsent(what, scheduler.nanoTime()) == null;
  }

  /** How long ago it was seen first; zero if it was not. */
  Duration since(String what) {
    forget();
    long now = scheduler.nanoTime();
    return Duration.ofNanos(now - first.computeIfAbsent(what, key -> now));
  }

  /**
   * How long ago another process has noted something: as long as this one has seen it, or by the
   * clock of the other one's host if that leaves no doubt. Without the latter, processes that end
   * before they have seen it for long enough would never get on.
   *
   * @param what what was seen
   * @param noted the time in the note; null if it has none
   * @param longest the age that matters
   */
  public Duration age(String what, @Nullable Instant noted, Duration longest) {
    Duration seen = since(what);
    if (noted == null) {
      return seen;
    }
    Duration byClock = Duration.between(noted, scheduler.now());
    return byClock.compareTo(longest.plus(UnplugPolicy.CLOCKS_DIFFER)) > 0 ? byClock : seen;
  }

  /**
   * After how long, at the latest, {@link #age} of the same reaches the age that matters; not
   * positive if it has.
   */
  Duration left(String what, @Nullable Instant noted, Duration longest) {
    Duration bySight = longest.minus(since(what));
    if (noted == null) {
      return bySight;
    }
    Duration byClock =
        longest.plus(UnplugPolicy.CLOCKS_DIFFER).minus(Duration.between(noted, scheduler.now()));
    return byClock.compareTo(bySight) < 0 ? byClock : bySight;
  }

  private void forget() {
    long now = scheduler.nanoTime();
    first.values().removeIf(seen -> now - seen > UnplugPolicy.REMEMBERED.toNanos());
  }
}
