// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.storage;

import io.diskplug.domain.Disk;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.engine.Signal;
import io.diskplug.outcome.DiskReport;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.StorageSight;
import io.diskplug.spi.StorageProbe.Finding;
import io.diskplug.spi.StorageProbe.Ready;
import io.diskplug.spi.StorageProbe.Reason;
import io.diskplug.spi.StorageProbe.Refused;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Asks the storages of a running domain's disks whether any client has them open. After a blocklist
 * the disk of a running guest is dead, and neither the XML nor QEMU shows that.
 *
 * <p>Asked are the disks of this library alone: only their alias tells which cluster a disk is of.
 * That no client has a disk open is believed when it was said twice, each time after a reading of
 * the domain that shows the disk, and before another one.
 */
public final class InspectedStorage {

  /** How long an inspection waits for the storages. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** Before the domain is read again, and the storage asked once more. */
  private static final Duration BETWEEN_QUESTIONS = Duration.ofMillis(20);

  private static final int ANSWERS_THAT_ARE_BELIEVED = 2;

  /** The threads that ask storages are shared by all requests of the process. */
  private static final int MOST_AT_ONCE = 4;

  private final DomainAccess domain;
  private final StorageProbes storage;
  private final Scheduler scheduler;
  private final Signal signal;
  private final Map<SourceIdentity, Asked> asked = new HashMap<>();

  /** When the answers are not waited for any more; null before the first question. */
  private @Nullable Long patienceEnds;

  public InspectedStorage(
      DomainAccess domain, StorageProbes storage, Scheduler scheduler, Signal signal) {
    this.domain = domain;
    this.storage = storage;
    this.scheduler = scheduler;
    this.signal = signal;
  }

  /** The questions about one volume. */
  private static final class Asked {
    private final StorageAdvice advice;
    private int saidNone;
    private @Nullable StorageSight sight;

    Asked(StorageAdvice advice) {
      this.advice = advice;
    }
  }

  /**
   * Asks about the disks that were just read.
   *
   * @return how long to wait for answers before the domain is read again; empty if all is known, or
   *     nothing is waited for any more
   */
  public Optional<Duration> ask(List<DiskReport> disks) {
    if (storage.areNone()) {
      return Optional.empty();
    }
    Duration left = patience();
    Duration wait = Duration.ZERO;
    int atOnce = 0;
    for (DiskReport report : disks) {
      Asked question =
          identity(report).map(of -> asked.computeIfAbsent(of, this::question)).orElse(null);
      if (question != null && question.sight == null) {
        if (atOnce == MOST_AT_ONCE) {
          // An answer to one of those that are asked raises the signal.
          wait = wait.isZero() ? left : wait;
          continue;
        }
        Optional<Finding> finding = question.advice.finding();
        atOnce += finding.isPresent() ? 0 : 1;
        question.sight = finding.flatMap(of -> sight(of, question, report)).orElse(null);
        if (question.sight == null) {
          Duration next = finding.isPresent() ? BETWEEN_QUESTIONS : left;
          wait = wait.isZero() || next.compareTo(wait) < 0 ? next : wait;
        }
      }
    }
    return wait.isZero() || left.isZero() ? Optional.empty() : Optional.of(wait);
  }

  /** The probe knows a volume by its identity; the id is not asked for. */
  private static VolumeRef volume(SourceIdentity identity) {
    return new VolumeRef(identity.alias(), identity);
  }

  private Asked question(SourceIdentity identity) {
    return new Asked(
        StorageAdvice.anyClient(volume(identity), PATIENCE, domain, storage, scheduler, signal));
  }

  private Duration patience() {
    long now = scheduler.nanoTime();
    if (patienceEnds == null) {
      patienceEnds = now + Math.min(PATIENCE.toNanos(), domain.remaining().toNanos() / 2);
    }
    return Duration.ofNanos(Math.max(0, patienceEnds - now));
  }

  /**
   * The volume of a disk that the domain runs with, and that its guest was not asked to release.
   */
  private Optional<SourceIdentity> identity(DiskReport report) {
    Disk live = report.live().orElse(null);
    if (live == null || report.unplugPending()) {
      return Optional.empty();
    }
    // A disk that was adopted has the alias in the persistent view.
    return Stream.of(report.live(), report.persistent())
        .flatMap(Optional::stream)
        .filter(Disk::hasOwnAlias)
        .flatMap(disk -> Optional.ofNullable(disk.alias()).stream())
        .findFirst()
        .flatMap(alias -> storage.identityOf(live.source(), alias))
        .filter(identity -> storage.of(volume(identity)).isPresent());
  }

  private static Optional<StorageSight> sight(Finding finding, Asked question, DiskReport report) {
    if (finding instanceof Ready) {
      question.saidNone++;
      question.advice.askAgain();
      return question.saidNone < ANSWERS_THAT_ARE_BELIEVED
          ? Optional.empty()
          : Optional.of(new StorageSight(Optional.of(false), cutOff(report), false));
    }
    Refused refused = (Refused) finding;
    return Optional.of(
        new StorageSight(
            refused.reason() == Reason.IN_USE ? Optional.of(true) : Optional.empty(),
            refused.explanation(),
            refused.reason() == Reason.NOT_PRIMARY));
  }

  private static String cutOff(DiskReport report) {
    return "the domain runs with "
        + report.source().name()
        + " as "
        + report.targetDev()
        + ", and the storage knows of no client that has it open: reads and writes of the guest do"
        + " not reach it. The storage has shut QEMU out (in Ceph: ceph osd blocklist ls), or the"
        + " host is cut off from it. When that is mended, detach the disk and attach it again, or"
        + " restart the domain";
  }

  /** The reports with what the storages have said. */
  public Inspected in(Inspected found) {
    if (asked.isEmpty()) {
      return found;
    }
    return new Inspected(
        found.disks().stream().map(this::in).toList(),
        found.unplugs(),
        found.ghosts(),
        found.suspects(),
        found.capacity(),
        found.proof(),
        found.whyNotAsked(),
        found.observed());
  }

  private DiskReport in(DiskReport report) {
    Asked question = identity(report).map(asked::get).orElse(null);
    if (question == null) {
      return report;
    }
    StorageSight sight = question.sight;
    return report.withStorage(
        sight == null
            ? new StorageSight(Optional.empty(), "the storage has not answered in time", false)
            : sight);
  }
}
