// SPDX-License-Identifier: Apache-2.0
package io.diskplug.history;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.IoTune;
import io.diskplug.disk.SerialChoice;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.RunState;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.StateReason;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.exec.RequestHandle;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.ChangeOutcome;
import io.diskplug.outcome.Changed;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Repair;
import io.diskplug.outcome.RepairPolicy;
import io.diskplug.sim.CallObserver.Point;
import io.diskplug.sim.EventDelivery;
import io.diskplug.sim.Generation;
import io.diskplug.sim.GuestBehaviour;
import io.diskplug.sim.Moment;
import io.diskplug.sim.SimulatedDomain;
import io.diskplug.sim.SimulatedHost;
import io.diskplug.spi.PlugListener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A host with two domains, some volumes, controllers that share them, and all that can go wrong. A
 * volume has a domain that it belongs to; whoever asks last says what is wanted of it.
 */
final class World {

  static final int CONTROLLERS = 3;
  static final int DOMAINS = 2;
  static final int VOLUMES = 5;

  private static final int ROOT_PORTS = 12;
  private static final int MOST_OPERATORS_DISKS = 3;
  private static final int DEEPEST = 3;
  private static final Duration BUDGET = Duration.ofSeconds(10);

  /** What the clock gains while a deadline is being noticed. */
  private static final Duration SLACK = Duration.ofMillis(500);

  private static final Duration OUTAGE = Duration.ofSeconds(3);
  private static final String OPERATOR = "operator";
  private static final long MEGABYTE = 1_000_000;
  private static final long MEBIBYTE = 1 << 20;

  final VirtualTime time = new VirtualTime();
  final SimulatedHost host;
  final Audit audit;
  final List<String> log = new ArrayList<>();

  /** What happened, and how often. */
  final Map<String, Integer> tally = new TreeMap<>();

  private final List<SimulatedDomain> domains;
  private final List<FileDisk> volumes = new ArrayList<>();
  private final List<Controller> controllers = new ArrayList<>();
  private final Map<Integer, Boolean> wanted = new HashMap<>();

  private final Map<Long, Duration> budgets = new HashMap<>();

  /** What a change of a disk is to come to, by the number of its request. */
  private final Map<Long, Change> changes = new HashMap<>();

  /** What was asked for last of each volume. */
  private final Map<Integer, IoTune> limits = new HashMap<>();

  private final Set<Integer> grown = new TreeSet<>();
  private final List<Planned> incidents = new ArrayList<>();
  private final Random random = new Random(1);
  private int processes;
  private Duration budget = BUDGET;
  private @Nullable Change asked;
  private int depth;
  private int operatorsDisks;

  /** Limits or a size that a disk is to have. */
  sealed interface Change {}

  record Limits(IoTune limits) implements Change {}

  record Size(long bytes) implements Change {}

  private static final class Planned {
    final Incident incident;
    final int choice;
    int calls;

    Planned(Incident incident, int calls, int choice) {
      this.incident = incident;
      this.calls = calls;
      this.choice = choice;
    }
  }

  /**
   * A world.
   *
   * @param scsi whether the domain of the SCSI volume has a SCSI controller from the beginning
   * @param generation what its libvirt and QEMU are known for
   */
  World(boolean scsi, Generation generation) {
    host = new SimulatedHost(generation);
    audit = new Audit(host);
    domains =
        List.of(
            host.define("q35", ROOT_PORTS, Set.of(), scsi).start(), host.definePc("pc").start());
    for (int i = 0; i < VOLUMES; i++) {
      boolean last = i == VOLUMES - 1;
      DiskOptions options =
          last
              ? DiskOptions.DEFAULTS.withBus(DiskBus.SCSI).withSerial(SerialChoice.DERIVED)
              : DiskOptions.DEFAULTS;
      String id = (last ? "pvc-of-more-characters-than-the-scsi-bus-has-room-for-" : "pvc-") + i;
      volumes.add(new FileDisk(id, Path.of("/volumes/" + i), options));
    }
    for (int i = 0; i < CONTROLLERS; i++) {
      controllers.add(controller("controller" + i));
    }
    host.passTimeWith(time::now, time::pass, () -> {});
    host.observe(this::at);
  }

  private Controller controller(String name) {
    return new Controller(name, host, time, this::listener, this::randomOfProcess);
  }

  /**
   * An incident sets the seed anew, so that two processes can be drawn from the same state: the
   * number of the process keeps them apart, as two processes on real hosts are.
   */
  private Random randomOfProcess() {
    processes++;
    return new Random(random.nextLong() + processes);
  }

  private PlugListener listener(Controller.Life life) {
    return new PlugListener() {
      @Override
      public void requested(Request request) {
        budgets.put(request.number(), budget);
        if (asked != null) {
          changes.put(request.number(), asked);
        }
      }

      @Override
      public void finished(Request request, Outcome outcome, Duration elapsed) {
        if (life.isAlive()) {
          World.this.finished(life.client(), request, outcome, elapsed);
        }
      }

      @Override
      public void failed(Request request, Throwable problem, Duration elapsed) {
        if (life.isAlive()) {
          audit.violation("a request failed: " + request + ": " + problem);
        }
      }
    };
  }

  private void finished(
      String client, PlugListener.Request request, Outcome outcome, Duration elapsed) {
    log.add("    " + client + " " + request.kind() + ": " + outcome);
    tally.merge(request.kind() + " " + outcome.getClass().getSimpleName(), 1, Integer::sum);
    if (elapsed.compareTo(budgets.getOrDefault(request.number(), BUDGET).plus(SLACK)) > 0) {
      audit.violation("S8: " + elapsed + " for " + client + " " + request + ": " + outcome);
    }
    request
        .volume()
        .ifPresent(
            volume ->
                domains.stream()
                    .filter(domain -> domain.ref().equals(request.domain()))
                    .forEach(
                        domain -> {
                          audit.outcome(client, domain, volume, outcome);
                          Change change = changes.get(request.number());
                          if (outcome instanceof Changed && change != null) {
                            audit.outcome(client, domain, volume, change);
                          }
                        }));
  }

  // What happens.

  void attach(int controller, int volume) {
    wanted.put(volume, true);
    log.add("attach " + volume + " by " + controllers.get(controller).client());
    controllers.get(controller).requests().attach(home(volume).ref(), disk(volume), budget);
  }

  void detach(int controller, int volume) {
    wanted.put(volume, false);
    log.add("detach " + volume + " by " + controllers.get(controller).client());
    controllers.get(controller).requests().detach(home(volume).ref(), volume(volume), budget);
  }

  /** Limits of so many megabytes in a second, or none. */
  void limit(int controller, int volume, int megabytes) {
    IoTune tune = megabytes == 0 ? IoTune.UNLIMITED : IoTune.total(megabytes * MEGABYTE, 0);
    limits.put(volume, tune);
    log.add("limit " + volume + " to " + megabytes + " by " + controllers.get(controller).client());
    limit(controllers.get(controller), volume, tune);
  }

  private RequestHandle<ChangeOutcome> limit(Controller controller, int volume, IoTune tune) {
    asked = new Limits(tune);
    try {
      return controller.requests().limit(home(volume).ref(), volume(volume), tune, budget);
    } finally {
      asked = null;
    }
  }

  /** What a storage does to a volume before it is told to the guest. */
  enum Growth {
    NOW,
    BEFORE,
    /** An old request comes late. */
    MEANWHILE
  }

  void grow(int controller, int volume, Growth growth) {
    String file = disk(volume).file().toString();
    long before = host.volumeSize(file);
    long after = growth == Growth.BEFORE ? before : before + MEBIBYTE;
    host.resizeVolume(file, after);
    // A request that has looked already does not know.
    audit.changed(OPERATOR, home(volume));
    grown.add(volume);
    long bytes = growth == Growth.MEANWHILE ? before : after;
    log.add("grow " + volume + " to " + bytes + " by " + controllers.get(controller).client());
    grow(controllers.get(controller), volume, bytes);
  }

  private RequestHandle<ChangeOutcome> grow(Controller controller, int volume, long bytes) {
    asked = new Size(bytes);
    try {
      return controller.requests().grow(home(volume).ref(), volume(volume), bytes, budget);
    } finally {
      asked = null;
    }
  }

  /** A repair that adds and evicts what an inspection has found. */
  void repair(int controller, int domain) {
    log.add("repair " + domains.get(domain) + " by " + controllers.get(controller).client());
    controllers
        .get(controller)
        .requests()
        .repair(
            domains.get(domain).ref(), RepairPolicy.NOTHING.withOrphansAddedToPersistent(), budget);
  }

  /**
   * Lets something happen in the middle of a call.
   *
   * @param calls so many moments of calls from now
   * @param choice decides what is left open
   */
  void plan(Incident incident, int calls, int choice) {
    log.add("in " + calls + " calls: " + incident);
    incidents.add(new Planned(incident, calls, choice));
  }

  void goOn(int steps) {
    for (int i = 0; i < steps; i++) {
      if (!time.runReady()) {
        return;
      }
    }
  }

  void pass(Duration duration) {
    time.pass(duration);
  }

  void guest(int domain, GuestBehaviour behaviour) {
    log.add(domains.get(domain) + " " + behaviour);
    domains.get(domain).guest(behaviour);
  }

  void events(EventDelivery delivery) {
    log.add("events " + delivery);
    host.deliverEvents(delivery);
  }

  /** What an operator does to a domain as a whole. */
  void power(int domain, Power what) {
    power(domains.get(domain), what);
  }

  /** What an operator does to a domain as a whole. */
  enum Power {
    SUSPEND,
    RESUME,
    RESET,
    CYCLE,
    SHUT_OFF,
    START,
    SAVE,
    SAVE_TO_FILE,
    RESTORE,
    MIGRATE,
    RETURN,
    FORGET,
    END_FORGOTTEN,
    SNAPSHOT,
    REASON,
    UNSAVABLE,
    SAVABLE
  }

  private void power(SimulatedDomain domain, Power what) {
    if (!domain.isKnown()) {
      return;
    }
    log.add(domain + " " + what);
    audit.changed(OPERATOR, domain);
    boolean runs = domain.isRunning() && domain.hasLiveView();
    switch (what) {
      case SUSPEND -> domain.suspend();
      case RESUME -> domain.resume();
      case RESET -> domain.reset();
      case CYCLE -> {
        if (runs) {
          domain.destroy();
          domain.start();
        }
      }
      case SHUT_OFF -> {
        if (runs) {
          domain.destroy();
        }
      }
      case START -> {
        if (isStartable(domain)) {
          domain.start();
        }
      }
      case SAVE_TO_FILE -> {
        if (runs) {
          domain.saveToFile();
        }
      }
      case RESTORE -> {
        if (isStartable(domain) && domain.hasSavedFile() && !domain.hasSavedImage()) {
          domain.restoreFromFile();
        }
      }
      case MIGRATE -> {
        if (runs && host.isDaemonUp()) {
          domain.migrateAway();
        }
      }
      case RETURN -> {
        if (!domain.isRunning() && !domain.hasLiveView() && domain.hasStrays()) {
          domain.migrateBack();
        }
      }
      case FORGET -> {
        if (runs && host.isDaemonUp()) {
          domain.daemonForgets();
        }
      }
      case END_FORGOTTEN -> domain.endStrays();
      case SNAPSHOT -> domain.memorySnapshots(random.nextInt(3));
      case REASON -> {
        // A daemon that does not know of a QEMU has not seen how it ended.
        if (!domain.hasStrays()) {
          showAnyReason(domain);
        }
      }
      case SAVE -> {
        if (runs) {
          domain.managedSave();
        }
      }
      case UNSAVABLE -> domain.failSaves(true);
      case SAVABLE -> domain.failSaves(false);
    }
  }

  /**
   * A request for a volume of a domain in any of the states that the guide's table has.
   *
   * @param controller asks
   * @param volume the volume
   * @param choice decides on the state and on the request
   */
  void requestInAnyState(int controller, int volume, int choice) {
    SimulatedDomain domain = home(volume);
    if (!domain.isKnown() || !host.isDaemonUp()) {
      return;
    }
    random.setSeed(choice);
    // The first numbers after similar seeds are alike.
    random.nextInt();
    bringInto(domain, random.nextInt(5));
    showAnyReason(domain);
    int request = random.nextInt(5);
    tally.merge("request " + request + " at " + standing(domain), 1, Integer::sum);
    switch (request) {
      case 0 -> attach(controller, volume);
      case 1 -> detach(controller, volume);
      case 2 -> limit(controller, volume, random.nextInt(3));
      case 3 -> grow(controller, volume, Growth.NOW);
      default -> repair(controller, volume % DOMAINS);
    }
  }

  /** The row of the guide's table of states that a domain is in. */
  private static String standing(SimulatedDomain domain) {
    boolean saved = domain.hasSavedImage() && !domain.hasLiveView();
    return domain.runState() + " " + domain.reason() + (saved ? " managed save" : "");
  }

  /** Running, paused, shut off, with a managed-save image, or with snapshots that have memory. */
  private void bringInto(SimulatedDomain domain, int state) {
    domain.endStrays();
    domain.memorySnapshots(state == 4 ? 1 : 0);
    boolean runs = domain.isRunning() && domain.hasLiveView();
    if (!runs && (state < 2 || state == 3)) {
      power(domain, Power.START);
    }
    switch (state) {
      case 0 -> power(domain, Power.RESUME);
      case 1 -> power(domain, Power.SUSPEND);
      case 3 -> power(domain, Power.SAVE);
      default -> {
        if (domain.hasSavedImage()) {
          power(domain, Power.START);
        }
        power(domain, Power.SHUT_OFF);
      }
    }
  }

  /** An operator starts no domain whose QEMU runs elsewhere. */
  private static boolean isStartable(SimulatedDomain domain) {
    return !domain.isRunning() && !domain.hasLiveView() && !domain.hasStrays();
  }

  /**
   * Every reason that libvirt can give for the state, also those that nothing else brings about.
   */
  private void showAnyReason(SimulatedDomain domain) {
    RunState state = domain.runState();
    List<StateReason> reasons = new ArrayList<>(StateReason.of(state));
    reasons.add(StateReason.OTHER);
    domain.showReason(reasons.get(random.nextInt(reasons.size())));
  }

  // What happens in the middle of a call.

  private void at(Point point) throws FaultException {
    if (point.client().equals(OPERATOR)) {
      audit.changed(OPERATOR, point.domain());
      return;
    }
    audit.called(point);
    if (depth >= DEEPEST) {
      return;
    }
    for (Planned planned : List.copyOf(incidents)) {
      if (planned.calls-- <= 0 && incidents.remove(planned)) {
        depth++;
        random.setSeed(planned.choice);
        try {
          happens(planned.incident, point);
        } finally {
          depth--;
        }
      }
    }
  }

  private void happens(Incident incident, Point point) throws FaultException {
    log.add("    " + incident + " in " + point);
    tally.merge("incident " + incident, 1, Integer::sum);
    SimulatedDomain domain = point.domain();
    switch (incident) {
      case FAULT -> throw anyFault(point);
      case CONTROLLER_DIES -> die(point.client());
      case DAEMON_KILLED -> {
        changedEverywhere();
        host.crashDaemon();
      }
      case DAEMON_AWAY -> {
        changedEverywhere();
        host.killDaemon();
        VirtualTime.OfProcess init = time.process();
        Object unused = init.after(OUTAGE, host::startDaemon);
      }
      case DAEMON_RESTARTED -> host.restartDaemon();
      case QEMU_DIES -> {
        if (domain != null) {
          audit.changed(OPERATOR, domain);
          domain.killQemu();
        }
      }
      case POWER_CYCLE -> {
        if (domain != null) {
          power(domain, Power.CYCLE);
        }
      }
      case CALL_HANGS -> time.pass(BUDGET.plusSeconds(5));
      case OTHERS_GO_ON -> goOn(1 + random.nextInt(4));
      case GUEST_ANSWERS -> {
        if (domain != null) {
          audit.changed("guest", domain);
          domain.answerUnplugs();
        }
      }
      case OPERATOR_ATTACHES -> operatorAttaches(domain == null ? domains.get(0) : domain);
      case OPERATOR_DETACHES -> operatorDetaches(domain == null ? domains.get(0) : domain);
    }
  }

  private void changedEverywhere() {
    domains.forEach(domain -> audit.changed(OPERATOR, domain));
  }

  private FaultException anyFault(Point point) {
    if (point.call() == Call.DETACH && point.moment() != Moment.BEFORE) {
      // Behind a request that was sent nothing is refused any more: the answer is lost.
      return new FaultException(
          new LibvirtFault(point.call(), 38, 7, "Cannot recv data: Connection reset by peer"));
    }
    int[] codes = {1, 38, 39, 55, 67, 68, 27, 9, 86};
    int code = codes[random.nextInt(codes.length)];
    boolean undone =
        point.moment() != Moment.BEFORE && point.moment() != Moment.AFTER && code == 39;
    return new FaultException(
        new LibvirtFault(point.call(), undone ? 1 : code, 0, "something went wrong"));
  }

  private void die(String client) {
    for (Controller controller : controllers) {
      if (controller.client().equals(client)) {
        controller.restart();
        throw new Controller.Killed();
      }
    }
  }

  // Operators.

  void operatorAttaches(int domain) {
    operatorAttaches(domains.get(domain));
  }

  private void operatorAttaches(SimulatedDomain domain) {
    if (operatorsDisks >= MOST_OPERATORS_DISKS * DOMAINS) {
      return;
    }
    int number = operatorsDisks++;
    boolean scsi = random.nextInt(4) == 0;
    String target = (scsi ? "sd" : "vd") + (char) ('a' + random.nextInt(5));
    String xml =
        """
        <disk type='file' device='disk'><source file='%s%d'/><target dev='%s' bus='%s'/></disk>
        """
            .formatted(Audit.OPERATORS, number, target, scsi ? "scsi" : "virtio");
    Set<View> scope =
        switch (random.nextInt(4)) {
          case 0 -> EnumSet.of(View.LIVE);
          case 1 -> EnumSet.of(View.PERSISTENT);
          default -> EnumSet.allOf(View.class);
        };
    operate(domain, "attaches " + target + " " + scope, handle -> handle.attachDevice(xml, scope));
  }

  void operatorDetaches(int domain) {
    operatorDetaches(domains.get(domain));
  }

  private void operatorDetaches(SimulatedDomain domain) {
    for (View view : Audit.views(domain)) {
      for (Disk disk : domain.disks(view)) {
        if (disk.source().name().startsWith(Audit.OPERATORS)) {
          String xml = "<disk><target dev='" + disk.targetDev() + "'/></disk>";
          operate(
              domain,
              "detaches " + disk.targetDev() + " " + view,
              handle -> handle.detachDevice(xml, EnumSet.of(view)));
          return;
        }
      }
    }
  }

  private void operatorsLeave(SimulatedDomain domain) {
    for (int i = 0; i < MOST_OPERATORS_DISKS * DOMAINS * 2; i++) {
      operatorDetaches(domain);
    }
  }

  private interface Operation {
    void on(DomainHandle handle) throws FaultException;
  }

  private void operate(SimulatedDomain domain, String what, Operation operation) {
    try (var connection = host.connect(OPERATOR)) {
      operation.on(connection.lookup(domain.ref()));
      log.add("operator " + what);
    } catch (FaultException e) {
      log.add("operator " + what + ": " + e.fault());
    }
  }

  // The end.

  /** Nothing goes wrong any more, and whoever has died is back. */
  void heal() {
    log.add("all is well again");
    incidents.clear();
    host.startDaemon();
    host.deliverEvents(EventDelivery.PROMPT);
    for (SimulatedDomain domain : domains) {
      domain.failSaves(false);
      if (domain.isKnown()) {
        domain.endStrays();
        boolean saved = domain.hasSavedImage() || domain.hasSavedFile();
        domain.deleteSavedFile();
        if (!domain.isRunning() && (saved || random.nextInt(3) > 0)) {
          domain.start();
        }
        domain.showReason(domain.isRunning() ? StateReason.BOOTED : StateReason.DESTROYED);
        domain.guest(GuestBehaviour.RELEASES);
        domain.resume();
      }
    }
    time.pass(BUDGET.plusSeconds(5));
  }

  /** The last request for each volume is repeated until it is done. */
  void converge() {
    budget = Duration.ofSeconds(100);
    for (int volume = 0; volume < VOLUMES; volume++) {
      if (wanted.containsKey(volume) && home(volume).isKnown()) {
        converge(volume, wanted.get(volume));
      }
    }
    convergeChanges();
    for (int volume = 0; volume < VOLUMES; volume++) {
      if (home(volume).isKnown()) {
        if (wanted.getOrDefault(volume, false)) {
          audit.attached("in the end", home(volume), volume(volume));
        } else {
          audit.detached("in the end", home(volume), volume(volume));
        }
      }
    }
    domains.stream().filter(SimulatedDomain::isKnown).forEach(this::inspect);
    for (SimulatedDomain domain : domains) {
      for (String device : domain.crossedUnplugs()) {
        if (SourceIdentity.isOwnAlias(device)) {
          audit.violation("S4: unplug requests for " + device + " have crossed");
        }
      }
      domain
          .lostDevices()
          .forEach(
              (device, before) -> {
                // What another tool frees leaves no note for a process that was not looking.
                if (SourceIdentity.isOwnAlias(device) && SourceIdentity.isOwnAlias(before)) {
                  audit.violation("S3: " + device + " is lost, " + before + " had been there");
                }
              });
    }
  }

  private void converge(int volume, boolean attached) {
    Controller controller = controllers.get(random.nextInt(CONTROLLERS));
    if (random.nextBoolean()) {
      controller.restart();
    }
    Outcome last = null;
    for (int i = 0; i < 4; i++) {
      last =
          attached
              ? controller.requests().attach(home(volume).ref(), disk(volume), budget).await()
              : controller.requests().detach(home(volume).ref(), volume(volume), budget).await();
      if (isDone(last)) {
        return;
      }
      if (last instanceof Rejected rejected && rejected.reason() == Rejected.Reason.CONFLICT) {
        // The place that the volume has in one view is another device's in the other: an operator's
        // disk, a controller that libvirt plugged for one, or a volume that was given the place
        // while the daemon did not know of the QEMU.
        log.add("operators take their disks away");
        operatorsLeave(home(volume));
        if (home(volume).viewsClash()) {
          power(home(volume), Power.CYCLE);
        }
      }
    }
    audit.violation("S6: " + (attached ? "attach " : "detach ") + volume + " came to " + last);
  }

  /** What was asked for last of the disks that are wanted is repeated, and outlives the daemon. */
  private void convergeChanges() {
    Map<Integer, List<Change>> shown = new TreeMap<>();
    for (int volume = 0; volume < VOLUMES; volume++) {
      if (wanted.getOrDefault(volume, false) && home(volume).isKnown()) {
        shown.put(volume, convergeChanges(volume));
      }
    }
    host.restartDaemon();
    shown.forEach(
        (volume, changes) ->
            changes.forEach(
                change -> audit.shows("in the end", home(volume), volume(volume), change)));
  }

  private List<Change> convergeChanges(int volume) {
    Controller controller = controllers.get(random.nextInt(CONTROLLERS));
    List<Change> done = new ArrayList<>();
    IoTune tune = limits.get(volume);
    if (tune != null) {
      done.add(new Limits(tune));
      changed("limit " + volume, limit(controller, volume, tune).await());
    }
    if (grown.contains(volume)) {
      long bytes = host.volumeSize(disk(volume).file().toString());
      done.add(new Size(bytes));
      changed("grow " + volume, grow(controller, volume, bytes).await());
    }
    return done;
  }

  private void changed(String what, Outcome outcome) {
    if (!(outcome instanceof Changed)) {
      audit.violation("S6: " + what + " came to " + outcome);
    }
  }

  private static boolean isDone(@Nullable Outcome outcome) {
    return outcome instanceof io.diskplug.outcome.Attached
        || outcome instanceof io.diskplug.outcome.AlreadyAttached
        || outcome instanceof io.diskplug.outcome.Detached
        || outcome instanceof io.diskplug.outcome.AlreadyDetached;
  }

  /** What is left is listed, and can be mended. */
  private void inspect(SimulatedDomain domain) {
    Controller controller = controllers.get(0);
    Outcome outcome = controller.requests().inspect(domain.ref(), budget).await();
    if (!(outcome instanceof Inspected inspected)) {
      audit.violation("S6: not inspected: " + outcome);
      return;
    }
    Set<String> ghosts = domain.ghosts();
    List<String> listed = new ArrayList<>();
    inspected
        .ghosts()
        .forEach(
            ghost -> {
              ghost.device().ifPresent(listed::add);
              listed.addAll(ghost.nodes());
            });
    if (!listed.containsAll(ghosts) || !ghosts.containsAll(listed)) {
      audit.violation("S6: ghosts " + ghosts + ", listed are " + listed);
    }
    if (!inspected.unplugs().isEmpty()) {
      audit.violation("S6: left are notes of " + inspected.unplugs());
    }
    if (!inspected.orphans().isEmpty()) {
      audit.violation("S6: left are " + inspected.orphans());
    }
    if (!inspected.ghosts().isEmpty()) {
      List<Repair> evictions = inspected.ghosts().stream().map(Repair::evict).toList();
      Outcome repaired =
          controller
              .requests()
              .repair(domain.ref(), RepairPolicy.NOTHING.with(evictions), budget)
              .await();
      if (!domain.ghosts().isEmpty()) {
        audit.violation("S6: not evicted: " + domain.ghosts() + " by " + repaired);
      }
    }
  }

  private SimulatedDomain home(int volume) {
    return domains.get(volume % DOMAINS);
  }

  private FileDisk disk(int volume) {
    return volumes.get(volume);
  }

  private VolumeRef volume(int volume) {
    return volumes.get(volume).volume();
  }

  @Override
  public String toString() {
    return String.join("\n", log);
  }
}
