// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import io.diskplug.lab.Lab;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/**
 * Looks at a volume right after an outcome that claims to be verified, during the load. What was
 * seen counts only if nothing was done about the volume, and its domain was not started anew, from
 * the outcome until all of it was seen.
 */
final class SpotChecks implements AutoCloseable {

  /** More would wait too long for their turn, and keep their volumes from being used. */
  private static final int MOST = 3;

  private final Lab lab;
  private final Journal journal;
  private final Violations violations;
  private final Tally tally;
  private final Semaphore free = new Semaphore(MOST);
  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "spot-checks");
            thread.setDaemon(true);
            return thread;
          });

  SpotChecks(Lab lab, Journal journal, Violations violations, Tally tally) {
    this.lab = lab;
    this.journal = journal;
    this.violations = violations;
    this.tally = tally;
  }

  /** Looks at a volume soon, unless there is too much to do; says which. */
  boolean offer(Wish wish, long version, Wishes wishes) {
    if (!free.tryAcquire()) {
      return false;
    }
    Machine machine = wish.machine;
    boolean attach = wish.attach;
    String claim = wish.last.text();
    int starts = machine.starts().get();
    worker.execute(
        () -> {
          try {
            check(wish, version, wishes, machine, attach, claim, starts);
          } finally {
            free.release();
            wishes.watchedEnough(wish);
          }
        });
    return true;
  }

  private void check(
      Wish wish,
      long version,
      Wishes wishes,
      Machine machine,
      boolean attach,
      String claim,
      int starts) {
    Optional<Sight> sight = Sight.of(lab, machine);
    if (sight.isEmpty()
        || !wishes.isQuiet(wish, version)
        || machine.starts().get() != starts
        || machine.power().isLocked()) {
      tally.count("not judged");
      return;
    }
    Volume volume = wish.volume();
    String alias = volume.ref(lab).identity().alias();
    List<String> wrong =
        attach
            ? sight.get().missingOf(volume, volume.inXml(lab), alias)
            : sight.get().tracesOf(volume, volume.inXml(lab), alias);
    tally.count(attach ? "Attached" : "Detached");
    journal.note("spot check", volume + " " + machine + (wrong.isEmpty() ? " as claimed" : " NOT"));
    if (!wrong.isEmpty()) {
      violations.add(
          attach ? Promise.S3 : Promise.S4,
          volume + " on " + machine + ", right after " + claim + ": " + wrong);
    }
  }

  /** Looks at a disk that was limited or has grown. */
  boolean offer(Request change, long version, Wishes wishes) {
    if (!free.tryAcquire()) {
      return false;
    }
    int starts = change.machine().starts().get();
    worker.execute(
        () -> {
          try {
            check(change, version, wishes, starts);
          } finally {
            free.release();
            wishes.watchedEnough(change.wish());
          }
        });
    return true;
  }

  private void check(Request change, long version, Wishes wishes, int starts) {
    Machine machine = change.machine();
    Volume volume = change.wish().volume();
    Optional<Sight> sight = Sight.of(lab, machine);
    Optional<String> wrong = sight.flatMap(seen -> wrong(change, seen, volume.inXml(lab)));
    if (wrong.isEmpty()
        || !wishes.isQuiet(change.wish(), version)
        || machine.starts().get() != starts
        || machine.power().isLocked()) {
      tally.count("not judged");
      return;
    }
    tally.count("Changed, by " + change.what());
    journal.note(
        "spot check", change + (wrong.get().isEmpty() ? " as claimed" : " NOT: " + wrong.get()));
    if (!wrong.get().isEmpty()) {
      violations.add(Promise.CHANGED, change + ", right after Changed: " + wrong.get());
    }
  }

  /**
   * In what a disk differs from what it was changed to, an empty text if in nothing; empty if the
   * daemon did not answer.
   */
  private Optional<String> wrong(Request change, Sight sight, String inXml) {
    List<DomainXml.Disk> live = sight.live().disksOf(inXml);
    List<DomainXml.Disk> persistent = sight.persistent().disksOf(inXml);
    if (live.size() != 1 || persistent.size() != 1) {
      return Optional.of("live " + live + ", persistent " + persistent);
    } else if (change.what().equals("limit")) {
      return Optional.of(
          live.get(0).operations() == change.amount()
                  && persistent.get(0).operations() == change.amount()
              ? ""
              : "live " + live + ", persistent " + persistent);
    }
    Lab.Result info = lab.tryVirsh("domblkinfo", change.machine().name(), live.get(0).target());
    if (info.exitCode() != 0) {
      return Optional.empty();
    }
    boolean grown = info.output().matches("(?s)Capacity:\\s+" + change.amount() + "\\b.*");
    return Optional.of(grown ? "" : info.output());
  }

  @Override
  public void close() {
    List<Runnable> unused = worker.shutdownNow();
  }
}
