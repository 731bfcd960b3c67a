// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A clock that moves on by a millisecond whenever somebody looks at it, and jumps over every wait.
 * What shall happen meanwhile happens in its turn; a signal does not shorten a wait.
 */
final class SteppedTime implements Time {

  private record Event(long at, Runnable happens) {}

  private final List<Event> events = new ArrayList<>();
  private long now;

  /** The waits so far. */
  final List<Duration> waits = new ArrayList<>();

  /** Something that happens during a wait, so long after the start of the clock. */
  synchronized void at(Duration when, Runnable happens) {
    events.add(new Event(when.toNanos(), happens));
    events.sort(Comparator.comparingLong(Event::at));
  }

  @Override
  public synchronized long nanoTime() {
    now += 1_000_000;
    return now;
  }

  @Override
  public synchronized void await(Signal signal, Duration atMost) throws InterruptedException {
    waits.add(atMost);
    now += atMost.toNanos();
    while (!events.isEmpty() && events.get(0).at() <= now) {
      events.remove(0).happens().run();
    }
  }
}
