// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.lab.Lab;
import io.diskplug.oracle.Tally.Count;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.libvirt.Connect;
import org.libvirt.LibvirtException;
import org.libvirt.jna.Libvirt;

/**
 * The allocator against libvirt itself, on random domains: what it places libvirt must accept as it
 * is, and where it finds no room libvirt must not find any.
 *
 * <p>Every difference fails the test, but for those in {@link Deviation}. In the environment:
 * {@code DISKPLUG_ORACLE_SEED}, {@code DISKPLUG_ORACLE_DOMAINS}, {@code DISKPLUG_ORACLE_FIRST} (the
 * number of the first domain, to repeat one) and {@code DISKPLUG_ORACLE_MINUTES}.
 */
class AllocatorOracleIT {

  private static final int CI_DOMAINS = 500;
  private static final int CI_STARTED = 100;

  /** How many of a hundred domains are filled to the end. */
  private static final int FILLED_PERCENT = 21;

  /** How many of a hundred running domains are to have a job of another client. */
  private static final int JOB_PERCENT = 20;

  /**
   * What may be refused although libvirt takes it, per hundred questions. What is left are running
   * domains whose views have no free place in common: libvirt gives each view another one.
   */
  private static final double MOST_FALSE_PERCENT = 3;

  /** The same in a run of a few hundred questions, of which five make one per cent. */
  private static final double MOST_FALSE_PERCENT_OF_FEW = 5;

  /** From so many domains on it is not chance. */
  private static final int MANY_DOMAINS = 2000;

  /** More than there are processors: libvirt waits 200 ms when it destroys a domain. */
  private static final int WORKERS = 4;

  // Held for ever: libvirt calls it for as long as the process lives.
  private static final Libvirt.VirErrorCallback QUIET = (userData, error) -> {};

  private final Lab lab = Lab.current();
  private final long seed = setting("SEED", System.currentTimeMillis());
  private final int first = (int) setting("FIRST", 0);
  private final int domains = (int) setting("DOMAINS", CI_DOMAINS);
  private final Duration longest = Duration.ofMinutes(setting("MINUTES", 10));
  private final String prefix = Lab.unique("oracle");
  private final Tally tally = new Tally();
  private final AtomicInteger next = new AtomicInteger(first);
  private final long begin = System.nanoTime();

  private static long setting(String name, long otherwise) {
    String value = System.getenv("DISKPLUG_ORACLE_" + name);
    return value == null || value.isEmpty() ? otherwise : Long.parseLong(value);
  }

  @Test
  void libvirtAgreesWithTheAllocator() throws Exception {
    System.out.printf("oracle: seed %d, %d domains%n", seed, domains);
    Libvirt.INSTANCE.virSetErrorFunc(null, QUIET);
    try (DiskPlug plug = DiskPlug.connect(lab.uri())) {
      work(plug);
    } finally {
      System.out.printf("oracle: seed %d, %d s%n%s", seed, elapsed().toSeconds(), tally.toString());
    }
    assertThat(tally.disagreements()).as("seed %d", seed).isEmpty();
    if (first == 0) {
      assertThat(tally.of(Count.DOMAINS)).isGreaterThanOrEqualTo(Math.min(domains, CI_DOMAINS));
    }
    if (domains >= CI_DOMAINS) {
      assertThat(tally.falsePercent())
          .isLessThanOrEqualTo(
              domains >= MANY_DOMAINS ? MOST_FALSE_PERCENT : MOST_FALSE_PERCENT_OF_FEW);
      assertThat(tally.of(Count.JOBS)).isPositive();
      assertThat(tally.of(Count.STARTED)).isGreaterThanOrEqualTo(CI_STARTED);
      assertThat(tally.of(Count.REFUSED_DEFINITIONS)).isLessThan(domains / 4);
    }
  }

  private Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  private void work(DiskPlug plug)
      throws InterruptedException, ExecutionException, TimeoutException {
    ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
    try {
      List<Future<Void>> results = new ArrayList<>();
      for (int worker = 0; worker < WORKERS; worker++) {
        Callable<Void> task = () -> takeDomains(plug);
        results.add(workers.submit(task));
      }
      for (Future<Void> result : results) {
        // One more minute than the workers give themselves, for a call that hangs.
        result.get(longest.plusMinutes(1).minus(elapsed()).toMillis(), TimeUnit.MILLISECONDS);
      }
    } finally {
      // If one worker failed, the others finish their domains, and remove them.
      next.set(Integer.MAX_VALUE / 2);
      workers.shutdown();
      if (!workers.awaitTermination(1, TimeUnit.MINUTES)) {
        System.out.println("oracle: a call does not return; domains of this run may be left");
      }
    }
  }

  private Void takeDomains(DiskPlug plug) throws Exception {
    Connect connect = new Connect(lab.uri());
    try (DiskFiles files = new DiskFiles(lab, connect)) {
      while (elapsed().compareTo(longest) < 0) {
        int number = next.getAndIncrement();
        if (number >= first + domains) {
          break;
        }
        files.rewind();
        checkOne(connect, plug, number, files);
      }
    } finally {
      connect.close();
    }
    return null;
  }

  private void checkOne(Connect connect, DiskPlug plug, int number, DiskFiles files) {
    String title =
        "DISKPLUG_ORACLE_SEED=%d DISKPLUG_ORACLE_FIRST=%d DISKPLUG_ORACLE_DOMAINS=1"
            .formatted(seed, number);
    try {
      check(connect, plug, number, files, title);
    } catch (LibvirtException | IOException | RuntimeException e) {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      tally.disagreement(title + ": " + e, trace.toString());
    }
  }

  private void check(Connect connect, DiskPlug plug, int number, DiskFiles files, String title)
      throws LibvirtException, IOException {
    Dice dice = new Dice(seed, number);
    // Closed in the opposite order: the files of a job after the domain.
    try (LongJob job = new LongJob(lab);
        OracleDomain domain = define(connect, dice, number, files)) {
      Trial trial = new Trial(dice, domain, tally, title);
      if (isToBeStarted(number)) {
        start(dice, domain);
      }
      if (domain.isRunning() && dice.chance(JOB_PERCENT)) {
        job.begin(trial);
      }
      new FirstDisk(trial, plug).check();
      new Checker(trial).check(dice.chance(FILLED_PERCENT));
      tally.count(Count.DOMAINS);
    }
  }

  private OracleDomain define(Connect connect, Dice dice, int number, DiskFiles files)
      throws LibvirtException {
    while (true) {
      String xml =
          new RandomDomain(dice, lab, files, isToBeStarted(number)).xml(prefix + "-" + number);
      try {
        return OracleDomain.define(connect, xml, files);
      } catch (LibvirtException e) {
        if (!connect.isAlive()) {
          throw new AssertionError("the daemon is gone", e);
        }
        tally.refusal(Count.REFUSED_DEFINITIONS, String.valueOf(e.getMessage()));
        files.rewind();
        if (tally.of(Count.REFUSED_DEFINITIONS) > CI_DOMAINS + tally.of(Count.DOMAINS)) {
          throw new AssertionError("libvirt refuses most definitions: " + xml, e);
        }
      }
    }
  }

  /** Three of ten, spread evenly: starting and filling QEMU is most of the work. */
  private static boolean isToBeStarted(int number) {
    return Math.floorMod(3 * number, 10) < 3;
  }

  private void start(Dice dice, OracleDomain domain) throws LibvirtException {
    try {
      domain.start();
    } catch (LibvirtException e) {
      tally.refusal(Count.REFUSED_STARTS, String.valueOf(e.getMessage()));
      return;
    }
    tally.count(Count.STARTED);
    new Drift(dice, domain, tally).drift();
    if (dice.chance(8)) {
      domain.makeTransient();
      tally.count(Count.TRANSIENT);
    }
  }
}
