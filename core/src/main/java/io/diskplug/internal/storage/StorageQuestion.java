// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.storage;

import io.diskplug.internal.engine.Scheduler;
import io.diskplug.spi.StorageProbe.Finding;
import io.diskplug.spi.StorageProbe.Reason;
import io.diskplug.spi.StorageProbe.Refused;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A question to a storage that is under way, or answered. Safe for use by several threads. */
final class StorageQuestion {

  /** A request that has its answer may wait for its turn, or for libvirt, as long as it likes. */
  private static final Duration OLD = Duration.ofSeconds(1);

  private final Scheduler scheduler;
  private final Duration budget;
  private final long end;
  private volatile @Nullable Finding finding;
  private volatile long answeredAt;

  StorageQuestion(Scheduler scheduler, Duration budget) {
    this.scheduler = scheduler;
    this.budget = budget;
    this.end = scheduler.nanoTime() + budget.toNanos();
  }

  void answer(Finding answer) {
    answeredAt = scheduler.nanoTime();
    finding = answer;
  }

  /** The answer; a storage that has not answered in time is one that cannot be reached. */
  Optional<Finding> finding() {
    Finding answered = finding;
    if (answered == null && left().isZero()) {
      answered =
          new Refused(
              Reason.UNREACHABLE,
              "the storage has not answered within " + budget.toMillis() + " ms");
    }
    return Optional.ofNullable(answered);
  }

  /** Whether it was answered so long ago that the answer may hold no more. */
  boolean isOld() {
    return finding != null && scheduler.nanoTime() - answeredAt > OLD.toNanos();
  }

  /** How long it is worth waiting for the answer. */
  Duration left() {
    return Duration.ofNanos(Math.max(0, end - scheduler.nanoTime()));
  }
}
