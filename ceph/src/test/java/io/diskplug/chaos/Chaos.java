// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import io.diskplug.lab.Guest;
import io.diskplug.lab.Lab;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Load, faults, healing, convergence, audit, table. Arguments: {@code short} or {@code long}, the
 * seed, a directory for the logs, and a file for the table or nothing. The system property {@code
 * diskplug.chaos.minutes} says over how many minutes the faults are spread, if not over as many as
 * usual. Exit code 0 if nothing was violated, 1 if something was or a fault could not be injected.
 */
public final class Chaos {

  private static final int MOST_DEATHS = 8;
  private static final long CONVERGENCE = TimeUnit.SECONDS.toNanos(120);

  /** A controller that does not answer for so long after the deadline will not. */
  private static final Duration NO_ANSWER = Duration.ofSeconds(100);

  private final Lab lab = Lab.current();
  private final Profile profile;
  private final long seed;
  private final Path folder;
  private final Journal journal;
  private final Violations violations;
  private final Tally faultsDone = new Tally();
  private final Tally outcomes = new Tally();
  private final Tally checks = new Tally();
  private final Report report = new Report();
  private final List<Machine> machines = new ArrayList<>();

  private Chaos(Profile profile, long seed, Path folder) {
    this.profile = profile;
    this.seed = seed;
    this.folder = folder;
    this.journal = new Journal(folder.resolve("chaos.log"));
    this.violations = new Violations(journal);
  }

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[2]);
    Profile profile = Profile.named(arguments[0]);
    Integer minutes = Integer.getInteger("diskplug.chaos.minutes");
    if (minutes != null) {
      profile = profile.within(Duration.ofMinutes(minutes));
    }
    Chaos chaos = new Chaos(profile, Long.parseLong(arguments[1]), folder);
    boolean good = chaos.run();
    String table = chaos.report.toString();
    System.out.println(table);
    if (arguments.length > 3) {
      Files.writeString(Path.of(arguments[3]), table, StandardCharsets.UTF_8);
    }
    // Threads that wait for something that does not come must not keep the process.
    Runtime.getRuntime().halt(good ? 0 : 1);
  }

  private boolean run() {
    journal.say("chaos", profile.name() + ", seed " + seed + ", logs in " + folder);
    journal.note("chaos", "began at " + Instant.now());
    List<Volume> volumes = prepare();
    try (SpotChecks spotChecks = new SpotChecks(lab, journal, violations, checks)) {
      Wishes wishes =
          new Wishes(
              volumes,
              machines,
              listener -> new Fleet(folder, listener),
              new Random(seed),
              journal,
              violations,
              outcomes,
              spotChecks);
      try {
        return run(wishes);
      } finally {
        wishes.fleet().kill();
        journal.close();
      }
    } finally {
      machines.forEach(machine -> lab.tryRun("guest", "rm", machine.name()));
      volumes.stream()
          .filter(Volume::isImage)
          .forEach(v -> lab.tryRun("rbd", "rm", lab.get("CEPH_POOL") + "/" + v.source()));
    }
  }

  private List<Volume> prepare() {
    List<CompletableFuture<Machine>> boots = new ArrayList<>();
    for (String type : List.of("q35", "pc", "q35")) {
      // A q35 has eight places, two of which are left to others and two to what gets stuck.
      int room = type.equals("q35") ? 4 : 6;
      boots.add(CompletableFuture.supplyAsync(() -> new Machine(Guest.boot(lab, type), room)));
    }
    List<Volume> volumes = new ArrayList<>();
    for (int i = 0; i < profile.volumes(); i++) {
      volumes.add(i % 3 == 2 ? Volume.newImage(lab) : Volume.newFile(lab));
    }
    boots.forEach(boot -> machines.add(boot.join()));
    volumes.forEach(volume -> journal.note("chaos", volume + " " + volume.source()));
    journal.say("chaos", machines + " have booted, " + volumes.size() + " volumes");
    return volumes;
  }

  private boolean run(Wishes wishes) {
    wishes.fleet().complete();
    Faults faults = new Faults(lab, machines, wishes, profile, journal, violations, faultsDone);
    List<Actor> actors =
        List.of(new Actor(lab, machines, journal), new Actor(lab, machines, journal));
    double begin = journal.seconds();
    load(wishes, faults, actors);
    double loaded = journal.seconds();
    faults.heal();
    journal.say("chaos", "everything is healed");
    Audit audit = new Audit(lab, machines, wishes, violations, checks, journal);
    // Calls of controllers that are gone end within a moment, now that everything answers.
    Sleep.millis(3000);
    wishes.askAgain();
    converge(wishes, faults, "asked once more");
    List<Integer> repeats = wishes.repeats();
    audit.settled("as wanted");
    actors.forEach(actor -> actor.lost().forEach(lost -> violations.add(Promise.S5, lost)));
    int othersDisks = actors.stream().mapToInt(Actor::disks).sum();
    wishes.detachAll();
    converge(wishes, faults, "all detached");
    List<Integer> repeatsOfDetach = wishes.repeats();
    // A request without the time to wait for the note of a freed slot leaves it to the next one.
    wishes.askAgain();
    converge(wishes, faults, "asked once more");
    audit.settled("all detached");
    wishes
        .fleet()
        .end()
        .forEach(name -> violations.add(Promise.S8, name + " does not end when it is closed"));
    int read = Secrets.hunt(lab, folder, machines, violations);

    report.row("run", profile.name() + ", seed " + seed);
    report.seconds("load", loaded - begin);
    report.seconds("altogether", journal.seconds());
    report.rows("faults", faultsDone.all());
    report.row("faults that found no occasion", faults.missing());
    report.rows("outcomes (" + wishes.requests() + " requests)", outcomes.all());
    report.repeats("repetitions of the last request", repeats);
    report.repeats("repetitions until all is detached", repeatsOfDetach);
    report.rows("looked at during the load", new TreeMap<>(checks.all()));
    report.row("disks of others at the end", othersDisks);
    report.row("logs read for keys", read);
    report.violations(violations);
    return violations.isEmpty() && faults.missing() == 0;
  }

  private void load(Wishes wishes, Faults faults, List<Actor> actors) {
    for (int i = 0; i < actors.size(); i++) {
      faults.sometimes(
          "disk of another tool",
          profile.moves() / actors.size(),
          seed + 20 + i,
          moving(actors.get(i)));
    }
    faults.begin(seed);
    Sampler sampler = new Sampler(lab, machines, wishes, actors, violations, checks);
    Thread sampling =
        new Thread(
            () -> {
              while (!faults.isOver()) {
                sample(sampler);
                Sleep.millis(2000);
              }
            },
            "sampler");
    sampling.setDaemon(true);
    sampling.start();
    long end = System.nanoTime() + profile.most().plusSeconds(120).toNanos();
    long last = System.nanoTime();
    while (!faults.isOver() && System.nanoTime() < end) {
      if (violations.count(Promise.API) > MOST_DEATHS) {
        throw new IllegalStateException("controllers do not live, see their logs in " + folder);
      }
      wishes.flipOne();
      wishes.repeat();
      wishes.changeOne(lab);
      Sleep.millis(200);
      if (System.nanoTime() - last > TimeUnit.SECONDS.toNanos(30)) {
        last = System.nanoTime();
        journal.say("chaos", wishes.requests() + " requests, " + faultsDone.all());
      }
      unanswered(wishes);
    }
    if (!faults.isOver()) {
      violations.add(Promise.S6, "a fault cannot be healed");
    }
  }

  private void sample(Sampler sampler) {
    try {
      sampler.sample();
    } catch (AssertionError e) {
      // A domain has ended, or its daemon is down: the others are looked at next time.
      journal.note("harness", "sampler: " + e);
      checks.count("samples not taken to the end");
    }
  }

  private Faults.Fault moving(Actor actor) {
    return random -> {
      boolean moved = actor.move(random);
      if (moved) {
        faultsDone.count("disk of another tool");
      }
      return moved;
    };
  }

  private void unanswered(Wishes wishes) {
    for (Request request : wishes.fleet().overdue(NO_ANSWER)) {
      violations.add(Promise.S8, request + " is not answered at all");
    }
  }

  private void converge(Wishes wishes, Faults faults, String what) {
    long end = System.nanoTime() + CONVERGENCE;
    double begin = journal.seconds();
    while (!wishes.isConverged() && System.nanoTime() < end) {
      wishes.repeat();
      faults.reviveDaemon();
      faults.powerCycleWhereAnUnplugWasMissed(wishes);
      Sleep.millis(50);
    }
    for (Wish wish : wishes.notConverged()) {
      violations.add(Promise.S6, "does not converge: " + wish);
    }
    journal.say("chaos", what + " after " + Math.round(journal.seconds() - begin) + " s");
  }
}
