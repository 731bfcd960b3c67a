// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Since when this process has seen what others have noted in domains: notes carry no time, and the
 * clocks of two hosts differ. Safe for use by several threads.
 */
final class Sightings {

  /** What nobody has looked at for so long is forgotten. */
  private static final Duration LONGEST = Duration.ofHours(1);

  private final Scheduler scheduler;
  private final String token;
  private final AtomicLong serials = new AtomicLong();
  private final Map<String, Long> first = new ConcurrentHashMap<>();

  /**
   * Nothing was seen.
   *
   * @param random tells this process from others
   */
  Sightings(Scheduler scheduler, RandomGenerator random) {
    this.scheduler = scheduler;
    this.token = Long.toHexString(random.nextLong());
  }

  /** What this process signs its own notes with. */
  String token() {
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

  private void forget() {
    long now = scheduler.nanoTime();
    first.values().removeIf(seen -> now - seen > LONGEST.toNanos());
  }
}
