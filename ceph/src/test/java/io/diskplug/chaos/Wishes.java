// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import io.diskplug.chaos.Request.Answer;
import io.diskplug.lab.Lab;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * What is wanted of each volume: flips it, tells controllers, repeats what did not succeed. A
 * volume is wanted on one domain at a time, and on another one only when it is surely detached:
 * that is the part of whoever assigns volumes.
 */
final class Wishes implements ControllerProcess.Listener {

  /** libvirt gives up waiting for a domain's job after 30 s: then the last call has ended. */
  private static final long CALLS_END = TimeUnit.SECONDS.toNanos(40);

  /** What a request may outlast its deadline by. */
  private static final Duration SLACK = Duration.ofSeconds(2);

  private static final long GIVE_UP = TimeUnit.SECONDS.toNanos(3);
  private static final int MOST_AT_WORK = 6;

  /** One in so many occasions to change a disk is taken. */
  private static final int CHANGES = 3;

  /** So many repetitions, of five seconds at least each, a guest that is at work does not need. */
  private static final int REPEATS_FOR_THE_GUEST = 4;

  private static final int MOST_OPERATIONS = 500;
  private static final long MEBIBYTE = 1 << 20;

  private final List<Wish> wishes = new ArrayList<>();
  private final List<Machine> machines;
  private final Fleet fleet;
  private final Random random;
  private final Journal journal;
  private final Violations violations;
  private final Tally outcomes;
  private final SpotChecks spotChecks;
  private final Map<Long, CompletableFuture<Answer>> inspections = new ConcurrentHashMap<>();
  private long number;
  private int requests;

  Wishes(
      List<Volume> volumes,
      List<Machine> machines,
      Function<ControllerProcess.Listener, Fleet> fleet,
      Random random,
      Journal journal,
      Violations violations,
      Tally outcomes,
      SpotChecks spotChecks) {
    this.machines = machines;
    this.fleet = fleet.apply(this);
    this.random = random;
    this.journal = journal;
    this.violations = violations;
    this.outcomes = outcomes;
    this.spotChecks = spotChecks;
    for (int i = 0; i < volumes.size(); i++) {
      Wish wish = new Wish(volumes.get(i), machines.get(i % machines.size()));
      wish.converged = true;
      wish.free = true;
      wishes.add(wish);
    }
  }

  Fleet fleet() {
    return fleet;
  }

  synchronized List<Wish> all() {
    return List.copyOf(wishes);
  }

  synchronized int requests() {
    return requests;
  }

  /** Wants something else of some volume, if there is one that can be changed. */
  synchronized void flipOne() {
    long now = System.nanoTime();
    List<Wish> shuffled = new ArrayList<>(wishes);
    Collections.shuffle(shuffled, random);
    for (Wish wish : shuffled) {
      boolean ripe = wish.converged || now - wish.changedAt > GIVE_UP;
      if (wish.inFlight == 0 && !wish.watched && ripe && flip(wish, now)) {
        return;
      }
    }
  }

  /** Limits some volume that is wanted, or lets it grow, whatever else is asked of it just now. */
  synchronized void changeOne(Lab lab) {
    Wish wish = wishes.get(random.nextInt(wishes.size()));
    if (random.nextInt(CHANGES) > 0) {
      return;
    }
    // One request at a time: two that are under way may be carried out in any order.
    if (!wish.attach || wish.changing || wish.watched) {
      return;
    }
    // Mostly where nothing else is under way, so that what comes of it can be looked at.
    if (!wish.converged && random.nextInt(3) > 0) {
      return;
    }
    // An image would have to be grown by the cluster, which does not always answer.
    if (wish.volume().isImage() || random.nextBoolean()) {
      change(wish, "limit", random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(MOST_OPERATIONS));
    } else {
      wish.bytes += MEBIBYTE;
      lab.resize(Path.of(wish.volume().source()), wish.bytes);
      change(wish, "grow", wish.bytes);
    }
  }

  private void change(Wish wish, String what, long amount) {
    Duration deadline = Duration.ofMillis(5000 + random.nextInt(5001));
    submit(
        new Request(++number, what, wish.machine, wish, deadline, amount, System.nanoTime()),
        random.nextInt(Fleet.SIZE));
  }

  /** Sees to it that an image is being attached; says whether one is. */
  synchronized boolean wantImage() {
    long now = System.nanoTime();
    for (Wish wish : wishes) {
      if (wish.volume().isImage()) {
        boolean idle = wish.inFlight == 0 && !wish.watched && !wish.attach;
        boolean attaching = wish.inFlight > 0 && !wish.converged && wish.attach;
        if (attaching || (idle && flip(wish, now))) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether a disk is being attached, as far as one can tell from here. */
  synchronized boolean isAttaching() {
    return wishes.stream().anyMatch(wish -> wish.attach && !wish.converged && wish.inFlight > 0);
  }

  private boolean flip(Wish wish, long now) {
    if (!wish.attach) {
      Machine machine = wish.machine;
      if (wish.free && random.nextBoolean()) {
        machine = machines.get(random.nextInt(machines.size()));
      }
      if (occupied(machine, wish) >= machine.room()) {
        return false;
      }
      wish.machine = machine;
    }
    wish.attach = !wish.attach;
    wish.owners.clear();
    int count = 1 + random.nextInt(3);
    while (wish.owners.size() < count) {
      wish.owners.add(random.nextInt(Fleet.SIZE));
    }
    wish.changedAt = now;
    wish.repeats = 0;
    unsettled(wish);
    journal.note(
        "wish", wish.what() + " " + wish.volume() + " " + wish.machine + " by " + wish.owners);
    for (int owner : wish.owners) {
      send(wish, owner);
    }
    return true;
  }

  /** How many other volumes may be on a domain. */
  private long occupied(Machine machine, Wish other) {
    return wishes.stream()
        .filter(
            wish ->
                !wish.equals(other) && wish.machine.equals(machine) && (wish.attach || !wish.free))
        .count();
  }

  private static void unsettled(Wish wish) {
    wish.converged = false;
    wish.free = false;
    wish.version++;
  }

  private void send(Wish wish, int owner) {
    Duration deadline = Duration.ofMillis(5000 + random.nextInt(5001));
    submit(
        new Request(++number, wish.what(), wish.machine, wish, deadline, 0, System.nanoTime()),
        owner);
  }

  private void submit(Request request, int owner) {
    ControllerProcess controller = fleet.get(owner);
    if (!controller.isAlive() || controller.atWork() >= MOST_AT_WORK) {
      return;
    }
    long deadline = request.deadline().toMillis();
    journal.note(controller.name(), "<- " + request + " within " + deadline + " ms");
    // The answer cannot be taken before this is done: it wants the lock.
    boolean sent = controller.send(request);
    if (sent) {
      Wish wish = request.wish();
      wish.version++;
      if (request.isChange()) {
        wish.changing = true;
      } else {
        wish.inFlight++;
      }
      requests++;
    }
  }

  /** Repeats what has not succeeded. */
  synchronized void repeat() {
    long now = System.nanoTime();
    for (Wish wish : wishes) {
      if (!wish.converged && wish.inFlight == 0 && now - wish.retryAt > 0) {
        List<Integer> owners = new ArrayList<>(wish.owners);
        wish.repeats++;
        wish.retryAt = now + TimeUnit.MILLISECONDS.toNanos(100 + random.nextInt(500));
        send(wish, owners.get(random.nextInt(owners.size())));
      }
    }
  }

  /**
   * A successor takes over: it repeats the last request of each volume, or makes the opposite one,
   * where the mind was changed meanwhile.
   */
  synchronized void takeOver(int controller) {
    fleet.start(controller);
    long now = System.nanoTime();
    for (Wish wish : wishes) {
      if (wish.owners.contains(controller)) {
        boolean interrupted = !wish.converged && wish.inFlight == 0;
        if (interrupted && random.nextInt(3) == 0 && flip(wish, now)) {
          continue;
        }
        send(wish, controller);
      }
    }
  }

  /** The last request of every volume is to be made again. */
  synchronized void askAgain() {
    for (Wish wish : wishes) {
      if (wish.owners.isEmpty()) {
        wish.owners.add(random.nextInt(Fleet.SIZE));
      }
      wish.repeats = 0;
      unsettled(wish);
    }
  }

  /** From now on nothing is wanted. */
  synchronized void detachAll() {
    wishes.forEach(wish -> wish.attach = false);
    askAgain();
  }

  synchronized boolean isConverged() {
    return wishes.stream().allMatch(wish -> wish.converged && wish.inFlight == 0 && !wish.changing);
  }

  synchronized List<Wish> notConverged() {
    return wishes.stream().filter(wish -> !wish.converged).toList();
  }

  /** Whether a detach waits for the guest of a domain, however often it is repeated. */
  synchronized boolean isStuckInTheGuest(Machine machine) {
    return wishes.stream()
        .filter(wish -> wish.machine.equals(machine) && !wish.attach && !wish.converged)
        .filter(wish -> wish.inFlight == 0 && wish.repeats >= REPEATS_FOR_THE_GUEST)
        .anyMatch(wish -> wish.last != null && wish.last.name().equals("Pending GUEST"));
  }

  /** How often the last request of each volume had to be repeated. */
  synchronized List<Integer> repeats() {
    return wishes.stream().map(wish -> wish.repeats).sorted().toList();
  }

  /** The daemon was killed, and the calls that it worked on with it. */
  synchronized void daemonKilled() {
    long now = System.nanoTime();
    wishes.forEach(
        wish -> {
          wish.callsUntil = Math.min(wish.callsUntil, now);
          wish.changesUntil = Math.min(wish.changesUntil, now);
        });
  }

  /** Whether nothing was done about the volume since, and nothing can happen. */
  synchronized boolean isQuiet(Wish wish, long version) {
    return wish.version == version && wish.inFlight == 0 && !wish.changing;
  }

  synchronized void watchedEnough(Wish wish) {
    wish.watched = false;
  }

  CompletableFuture<Answer> inspect(Machine machine, Duration deadline) {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    synchronized (this) {
      Request request =
          new Request(++number, "inspect", machine, null, deadline, 0, System.nanoTime());
      inspections.put(request.id(), answer);
      if (!fleet.get(0).send(request)) {
        answer.completeExceptionally(new IllegalStateException("no controller"));
      }
    }
    return answer;
  }

  @Override
  public void answered(Request request, Answer answer) {
    journal.note(
        "answer",
        "%s -> %s after %d us, %d us of it late: %s"
            .formatted(request, answer.name(), answer.micros(), answer.late(), answer.text()));
    double over = answer.micros() / 1e6 - request.deadline().toMillis() / 1e3;
    if (answer.beyond(request.deadline()) > SLACK.toSeconds()) {
      String times = over + " s, its process was late by " + answer.late() / 1e6 + " s: ";
      violations.add(Promise.S8, request + " outlasted its deadline by " + times + answer.text());
    } else if (over > SLACK.toSeconds()) {
      outcomes.count("· of these, late because their process was");
    }
    if (answer.kind().equals(Controller.EXCEPTION)) {
      violations.add(Promise.API, request + " ended with " + answer.text());
    }
    outcomes.count(request.what() + ": " + answer.name());
    if (answer.text().contains("evicted from QEMU")) {
      outcomes.count("· of these, with a ghost evicted");
    }
    CompletableFuture<Answer> inspection = inspections.remove(request.id());
    if (inspection != null) {
      boolean unused = inspection.complete(answer);
      return;
    }
    settle(request, answer);
  }

  private synchronized void settle(Request request, Answer answer) {
    long now = System.nanoTime();
    Wish wish = request.wish();
    wish.version++;
    if (request.isChange()) {
      changed(request, answer);
      return;
    }
    wish.inFlight--;
    boolean current = wish.machine.equals(request.machine()) && wish.what().equals(request.what());
    boolean alone = wish.inFlight == 0 && request.sent() - wish.callsUntil > 0;
    if (answer.leavesCall()) {
      wish.callsUntil = Math.max(wish.callsUntil, now + CALLS_END);
    }
    if (!current) {
      return;
    }
    wish.last = answer;
    if (answer.isVerified()) {
      // Others are at work on the same wish, and may answer otherwise.
      wish.converged = true;
      wish.free = !wish.attach && alone;
      if (alone && !wish.watched) {
        wish.watched = spotChecks.offer(wish, wish.version, this);
      }
    } else {
      wish.converged = false;
      wish.retryAt = now + TimeUnit.MILLISECONDS.toNanos(100 + random.nextInt(500));
    }
  }

  /** What is wanted of the volume is as it was: a change does not bring a disk or take it away. */
  private void changed(Request request, Answer answer) {
    Wish wish = request.wish();
    wish.changing = false;
    boolean there = wish.attach && wish.converged && wish.machine.equals(request.machine());
    if (answer.kind().equals(Controller.CHANGED)) {
      boolean alone = wish.inFlight == 0 && request.sent() - wish.changesUntil > 0;
      if (there && alone && !wish.watched) {
        wish.watched = spotChecks.offer(request, wish.version, this);
      }
    } else if (answer.leavesCall()) {
      // Its call may undo what a later change has made.
      wish.changesUntil = System.nanoTime() + CALLS_END;
    }
  }

  @Override
  public synchronized void abandoned(Request request) {
    journal.note("abandoned", request.toString());
    CompletableFuture<Answer> inspection = inspections.remove(request.id());
    if (inspection != null) {
      boolean unused = inspection.cancel(false);
      return;
    }
    Wish wish = request.wish();
    if (request.isChange()) {
      wish.version++;
      wish.changing = false;
      wish.changesUntil = System.nanoTime() + CALLS_END;
    } else {
      wish.inFlight--;
      wish.callsUntil = Math.max(wish.callsUntil, System.nanoTime() + CALLS_END);
      unsettled(wish);
    }
    outcomes.count(request.what() + ": (controller killed)");
  }

  @Override
  public void died(String who, int exitCode) {
    violations.add(Promise.API, who + " ended by itself with " + exitCode);
  }
}
