// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.RunState;
import io.diskplug.domain.StateReason;
import io.diskplug.domain.StorageSource;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.port.ControlState;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A domain: its two views, its QEMU and its guest. Public methods are what operators, other tools
 * and guests do. Safe for use by several threads.
 */
public final class SimulatedDomain {

  /** Two unplug requests within this time can meet the release of the first. */
  private final SimulatedJobs jobs = new SimulatedJobs();

  private static final Duration CROSSING = Duration.ofSeconds(1);

  /** What virtio-blk and scsi-hd show of a serial. */
  private static final int VIRTIO_SERIAL_BYTES = 20;

  private static final int SCSI_SERIAL_BYTES = 36;

  private final SimulatedHost host;
  private final String name;
  private final UUID uuid = UUID.randomUUID();

  // All that follows is guarded by the host's lock.
  /** The persistent view; of a transient domain, what it was made of, which libvirt shows. */
  private Definition config;

  private boolean persistent = true;
  private @Nullable Definition live;
  private volatile @Nullable SimulatedQemu qemu;
  private final Map<String, String> notes = new TreeMap<>();
  private final Map<String, String> configNotes = new TreeMap<>();
  private GuestBehaviour guest = GuestBehaviour.RELEASES;
  private int run = -1;
  private StateReason reason = StateReason.UNKNOWN;
  private final OtherHolders others = new OtherHolders();
  private long startedAt;
  private boolean paused;
  private boolean frozen;
  private boolean savesFail;
  private long occupiedSince;
  private boolean occupied;

  /**
   * When the guest was asked for a device, by its id, and the ids of those it was asked for twice.
   */
  private final Map<String, Long> askedAt = new TreeMap<>();

  private final Set<String> crossed = new TreeSet<>();
  private final Afterwards afterwards = new Afterwards();

  /** libvirt numbers the nodes of a run, and saves the number when a disk is in its live view. */
  private int nodeNumber;

  private int savedNodeNumber;
  private @Nullable Thread job;

  SimulatedDomain(SimulatedHost host, String name, Definition config) {
    this.host = host;
    this.name = name;
    this.config = config;
  }

  // What a test, or somebody in it, does.

  /** Its UUID. */
  public UUID uuid() {
    return uuid;
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** Its UUID, for a request. */
  public DomainRef ref() {
    return DomainRef.uuid(uuid);
  }

  /** Starts it, or restores it from its managed-save image. */
  public SimulatedDomain start() {
    host.unchecked(
        () -> {
          if (isRunning()) {
            throw new IllegalStateException(name + " runs already");
          }
          OtherHolders.Saved image = others.managed();
          if (image == null) {
            begin(config(), configNotes);
          } else {
            restore(image);
          }
          reason = image == null ? StateReason.BOOTED : StateReason.RESTORED;
          others.managed(null);
          host.signal(this);
          return true;
        });
    return this;
  }

  /** The guest goes on with the unplug requests that it had, which are in the memory of devices. */
  private void restore(OtherHolders.Saved image) throws FaultException {
    begin(image.disks(), image.notes());
    SimulatedQemu process = requireQemu();
    image.asked().stream()
        .filter(id -> process.device(id) != null)
        .forEach(id -> process.asked().add(id));
  }

  private void begin(Definition disks, Map<String, String> restored) throws FaultException {
    SimulatedQemu process = new SimulatedQemu(host.generation());
    Definition view = disks.copy();
    process.hasControllers(view.scsi());
    nodeNumber = 0;
    afterwards.forget();
    for (DiskDefinition disk : disks.disks()) {
      host.requireStorage(disk.source());
      host.requireSerial(disk);
      host.requireUnlocked(Call.ATTACH, disk);
      int number = nextNodeNumber();
      process.open(number, disk.source(), host.sizeOf(disk.source()));
      DiskDefinition placed = disk.live(List.of(number));
      process.requireFree(AttachJob.device(placed, process));
      process.plug(AttachJob.device(placed, process));
      view.replace(placed);
    }
    qemu = process;
    live = view;
    run = host.nextRun();
    startedAt = host.now();
    paused = false;
    frozen = false;
    notes.clear();
    notes.putAll(restored);
    saveStatus();
  }

  /** Pulls its plug. A transient domain is gone then. */
  public void destroy() {
    host.unchecked(
        () -> {
          qemu = null;
          stopped(StateReason.DESTROYED);
          return true;
        });
  }

  /** Another tool takes a SCSI controller, which no disk uses, out of both views. */
  public void removeController(int index) {
    host.unchecked(
        () -> {
          ScsiController controller = Objects.requireNonNull(live().removeScsi(index));
          requireQemu().unplug(controller);
          config().removeScsi(index);
          return true;
        });
  }

  /** Its guest shuts it down. */
  public void shutDown() {
    host.unchecked(
        () -> {
          qemu = null;
          stopped(StateReason.SHUTDOWN);
          return true;
        });
  }

  /** QEMU dies. A daemon that is away finds out when it comes back. */
  public void killQemu() {
    host.unchecked(
        () -> {
          qemu = null;
          if (host.isDaemonUp()) {
            stopped(StateReason.CRASHED);
          }
          return true;
        });
  }

  private void stopped(StateReason why) {
    live = null;
    reason = why;
    run = -1;
    paused = false;
    frozen = false;
    occupied = false;
    notes.clear();
    if (!persistent) {
      host.forget(this);
    }
    host.wakeAll();
    host.signal(this);
  }

  /** Pauses its guest. */
  public void suspend() {
    host.unchecked(
        () -> {
          if (isRunning() && !paused) {
            paused = true;
            reason = StateReason.USER;
          }
          host.signal(this);
          return true;
        });
  }

  /** Lets its guest go on. */
  public void resume() {
    host.unchecked(
        () -> {
          if (paused) {
            paused = false;
            reason = StateReason.UNPAUSED;
          }
          letGuestAnswer();
          host.signal(this);
          return true;
        });
  }

  /** Resets it: QEMU lets go of what it was asked for. */
  public void reset() {
    host.unchecked(
        () -> {
          releaseAsked();
          afterwards.forget();
          return true;
        });
  }

  private OtherHolders.Saved saved() {
    return new OtherHolders.Saved(live().copy(), notes, requireQemu().asked());
  }

  /** Saves its memory, with every disk that it has, and shuts it off. */
  public void managedSave() {
    host.unchecked(
        () -> {
          others.managed(saved());
          qemu = null;
          stopped(StateReason.SAVED);
          return true;
        });
  }

  /** Removes its managed-save image. The daemon goes on saying that it was saved. */
  public void removeManagedSave() {
    host.unchecked(
        () -> {
          others.managed(null);
          return true;
        });
  }

  /** Saves its memory to a file, with every disk that it has, and shuts it off. */
  public void saveToFile() {
    host.unchecked(
        () -> {
          others.file(saved());
          qemu = null;
          stopped(StateReason.SAVED);
          return true;
        });
  }

  /** Restores it from the file that it was saved to. The file stays, as with libvirt. */
  public void restoreFromFile() {
    host.unchecked(
        () -> {
          if (isRunning()) {
            throw new IllegalStateException(name + " runs already");
          }
          OtherHolders.Saved file = Objects.requireNonNull(others.file());
          restore(file);
          reason = StateReason.RESTORED;
          host.signal(this);
          return true;
        });
  }

  /** Deletes the file that it was saved to. */
  public void deleteSavedFile() {
    host.unchecked(
        () -> {
          others.file(null);
          return true;
        });
  }

  /** Migrates it to another host: QEMU goes on there, with every disk that it has. */
  public void migrateAway() {
    leaveQemuTo(StateReason.MIGRATED);
  }

  /**
   * The daemon ends, its status file of this domain is lost, and it is started again: it shows the
   * domain as shut off, and QEMU goes on.
   */
  public void daemonForgets() {
    leaveQemuTo(StateReason.UNKNOWN);
  }

  private void leaveQemuTo(StateReason why) {
    host.unchecked(
        () -> {
          SimulatedQemu process = requireQemu();
          others.strays().add(new OtherHolders.Stray(process, saved()));
          qemu = null;
          stopped(why);
          host.signal(this);
          return true;
        });
  }

  /** Migrates it back: it has every disk that it had when it left, whatever its definition has. */
  public void migrateBack() {
    host.unchecked(
        () -> {
          OtherHolders.Stray stray = others.strays().remove(others.strays().size() - 1);
          qemu = stray.process();
          live = stray.state().disks();
          notes.clear();
          notes.putAll(stray.state().notes());
          run = host.nextRun();
          startedAt = host.now();
          paused = false;
          reason = StateReason.MIGRATED;
          saveStatus();
          host.signal(this);
          return true;
        });
  }

  /** QEMU processes that the daemon does not know end. */
  public void endStrays() {
    host.unchecked(
        () -> {
          others.strays().clear();
          return true;
        });
  }

  /**
   * It has so many snapshots with memory.
   *
   * @param number how many
   */
  public void memorySnapshots(int number) {
    host.unchecked(
        () -> {
          others.memorySnapshots(number);
          return true;
        });
  }

  /**
   * The daemon gives this reason for the state that the domain is in. For reasons that nothing else
   * here brings about.
   *
   * @param why the reason
   */
  public void showReason(StateReason why) {
    host.unchecked(
        () -> {
          reason = why;
          return true;
        });
  }

  /** Removes its persistent view, and its managed-save image. */
  public void undefine() {
    host.unchecked(
        () -> {
          persistent = false;
          others.managed(null);
          if (!isRunning()) {
            host.forget(this);
          }
          return true;
        });
  }

  /**
   * How its guest answers from now on.
   *
   * @param behaviour how
   */
  public void guest(GuestBehaviour behaviour) {
    host.unchecked(
        () -> {
          guest = behaviour;
          letGuestAnswer();
          return true;
        });
  }

  /** Its guest releases what it was asked for, unless it is paused. */
  public void answerUnplugs() {
    host.unchecked(
        () -> {
          if (!paused && !frozen) {
            releaseAsked();
          }
          return true;
        });
  }

  /**
   * Its guest releases one of what it was asked for.
   *
   * @param device the id of the device
   */
  public void answerUnplug(String device) {
    host.unchecked(
        () -> {
          if (requireQemu().asked().contains(device)) {
            released(device);
          }
          return true;
        });
  }

  /** QEMU answers nothing, neither does the guest. */
  public void freeze() {
    frozen = true;
  }

  /** QEMU goes on. */
  public void thaw() {
    host.unchecked(
        () -> {
          frozen = false;
          occupied = false;
          letGuestAnswer();
          host.wakeAll();
          return true;
        });
  }

  /**
   * Whether its configuration cannot be saved.
   *
   * @param fails whether
   */
  public void failSaves(boolean fails) {
    savesFail = fails;
  }

  /**
   * Notes something in its views.
   *
   * @param namespace the namespace, a URI
   * @param element an element without a prefix, or null to take the note away
   * @param scope the views
   */
  public void note(String namespace, @Nullable String element, Set<View> scope) {
    host.unchecked(
        () -> {
          requireScope(Call.NOTE, scope);
          if (scope.contains(View.LIVE)) {
            set(notes, namespace, element);
          }
          if (scope.contains(View.PERSISTENT)) {
            set(configNotes, namespace, element);
          }
          return true;
        });
  }

  /** Begins to copy a disk; the copy is in sync at once. */
  public void startCopy(String target, String destination) {
    host.unchecked(
        () -> {
          StorageSource copy = new StorageSource("file", destination, null, List.of());
          DiskDefinition disk = require(live(), target);
          SimulatedQemu process = requireQemu();
          process.jobs().put(target, copy);
          process.open(nextNodeNumber(), copy, host.sizeOf(copy));
          saveStatus();
          live().replace(disk.mirroredTo(copy));
          return true;
        });
  }

  /** Ends the copy: the disk lies on the copy, in both views. */
  public void pivot(String target) {
    host.unchecked(
        () -> {
          StorageSource copy = Objects.requireNonNull(requireQemu().jobs().remove(target));
          moveTo(target, copy.name(), false, numberOf(copy));
          return true;
        });
  }

  private int numberOf(StorageSource source) {
    return requireQemu().nodes().stream()
        .filter(node -> node.storage() && node.source().isSameAs(source))
        .map(node -> Integer.valueOf(node.name().replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }

  /** Ends the copy: the disk lies where it lay. */
  public void abortCopy(String target) {
    host.unchecked(
        () -> {
          StorageSource copy = Objects.requireNonNull(requireQemu().jobs().remove(target));
          live().replace(require(live(), target).mirroredTo(null));
          requireQemu().closeBoth(numberOf(copy));
          return true;
        });
  }

  /** Puts an overlay on a disk, in both views. */
  public void snapshot(String target, String overlay) {
    host.unchecked(
        () -> {
          int number = nextNodeNumber();
          StorageSource file = new StorageSource("file", overlay, null, List.of());
          requireQemu().openFormatted(number, file, host.sizeOf(require(live(), target).source()));
          moveTo(target, overlay, true, number);
          saveStatus();
          return true;
        });
  }

  private void moveTo(String target, String file, boolean keepsOldBelow, int number) {
    DiskDefinition disk = require(live(), target);
    List<Integer> numbers = new ArrayList<>(List.of(number));
    if (keepsOldBelow) {
      numbers.addAll(disk.numbers());
    }
    requireQemu().move(Objects.requireNonNull(disk.alias()), number);
    if (!keepsOldBelow) {
      disk.numbers().forEach(requireQemu()::closeBoth);
    }
    live().replace(disk.pivotedTo(file, keepsOldBelow, numbers));
    if (persistent && config.byTarget(target) != null) {
      config.replace(require(config, target).pivotedTo(file, keepsOldBelow, List.of()));
    }
  }

  /** Somebody else uses a block node of QEMU, as an NBD export does, or does not any more. */
  public void export(String node, boolean on) {
    host.unchecked(
        () -> {
          requireQemu().export(node, on);
          return true;
        });
  }

  // What a test asks.

  /** Whether it has a QEMU process. */
  public boolean isRunning() {
    return qemu != null;
  }

  /** A view as a client reads it, without a call. */
  public DomainView read(View view) {
    return DomainXmlReader.readDomain(host.unchecked(() -> xml(view)), view);
  }

  /** The disks of a view; none if there is no such view. */
  public List<Disk> disks(View view) {
    return host.unchecked(
        () -> {
          Definition definition = view == View.LIVE ? live : persistent ? config : null;
          return definition == null
              ? List.of()
              : definition.disks().stream().map(DiskDefinition::shown).toList();
        });
  }

  /** Whether a place is one device's in one view, and another's in the other. */
  public boolean viewsClash() {
    return host.unchecked(() -> live != null && persistent && live.clashesWith(config()));
  }

  /** Whether it has a persistent view. */
  public boolean isPersistent() {
    return persistent;
  }

  /** The ids of the devices for which two unplug requests have followed each other closely. */
  public Set<String> crossedUnplugs() {
    return host.unchecked(() -> Set.copyOf(crossed));
  }

  /**
   * The ids of the devices that were taken away by what had begun before they were plugged: the
   * guest ejected their slot once more, or libvirt handled the end of an earlier device of that
   * name. Each with the id of that earlier device.
   */
  public Map<String, String> lostDevices() {
    return host.unchecked(() -> afterwards.lost());
  }

  /** Whether the daemon knows it. */
  public boolean isKnown() {
    return host.unchecked(() -> host.knows(this));
  }

  /** Whether the daemon takes it for running: it may not have noticed yet that QEMU has died. */
  public boolean hasLiveView() {
    return live != null;
  }

  /** The ids of the devices that the guest was asked to release, and has not released. */
  public Set<String> unplugsAsked() {
    return host.unchecked(() -> qemu == null ? Set.of() : Set.copyOf(qemu.asked()));
  }

  /** Whether there is a managed-save image. */
  public boolean hasSavedImage() {
    return others.managed() != null;
  }

  /** Whether there is a file that it was saved to. */
  public boolean hasSavedFile() {
    return others.file() != null;
  }

  /** Whether QEMU processes with its disks exist that the daemon does not know. */
  public boolean hasStrays() {
    return !others.strays().isEmpty();
  }

  /** Its state, as the daemon says. */
  public RunState runState() {
    return host.unchecked(
        () -> live == null ? RunState.SHUT_OFF : paused ? RunState.PAUSED : RunState.RUNNING);
  }

  /** Why it is in its state, as the daemon says. */
  public StateReason reason() {
    return host.unchecked(() -> reason);
  }

  /** The sources that QEMU processes have open which the daemon does not know. */
  public List<StorageSource> openElsewhere() {
    return host.unchecked(others::openSources);
  }

  /**
   * The sources that are held by what no view shows, one for each time: saved states, and QEMU
   * processes that the daemon does not know.
   */
  public List<StorageSource> heldElsewhere() {
    return host.unchecked(others::sources);
  }

  /** The devices and block nodes that QEMU has and the live view does not show. */
  public Set<String> ghosts() {
    return host.unchecked(
        () -> {
          Set<String> ghosts = new TreeSet<>();
          SimulatedQemu process = qemu;
          if (process != null && live != null) {
            process.devices().forEach(device -> ghosts.add(device.id()));
            process.nodes().forEach(node -> ghosts.add(node.name()));
            for (DiskDefinition disk : live.disks()) {
              ghosts.remove(String.valueOf(disk.alias()));
              for (int number : disk.numbers()) {
                ghosts.remove(SimulatedQemu.format(number));
                ghosts.remove(SimulatedQemu.storage(number));
              }
            }
          }
          return ghosts;
        });
  }

  /** The serials of the disks that the guest sees; the first 20 or 36 bytes. */
  public Set<String> guestSerials() {
    return host.unchecked(
        () -> {
          Set<String> serials = new TreeSet<>();
          if (qemu != null) {
            for (SimulatedQemu.Device device : qemu.devices()) {
              String serial = device.serial();
              if (serial != null) {
                int most = device.isPci() ? VIRTIO_SERIAL_BYTES : SCSI_SERIAL_BYTES;
                serials.add(serial.substring(0, Math.min(most, serial.length())));
              }
            }
          }
          return serials;
        });
  }

  /** The ids of the disk devices that QEMU has. */
  public Set<String> qemuDevices() {
    return host.unchecked(
        () -> {
          Set<String> ids = new TreeSet<>();
          if (qemu != null) {
            qemu.devices().forEach(device -> ids.add(device.id()));
          }
          return ids;
        });
  }

  /**
   * The size that QEMU shows of a disk of the live view.
   *
   * @param target its target dev
   */
  public long sizeShown(String target) {
    return host.unchecked(
        () -> {
          DiskDefinition disk = live().byTarget(target);
          if (qemu == null || disk == null) {
            throw new IllegalArgumentException("no disk " + target + " in the live view");
          }
          return qemu.size(disk.numbers().get(0));
        });
  }

  /** The sources that QEMU has open, one for each time. */
  public List<StorageSource> openSources() {
    return host.unchecked(
        () ->
            qemu == null
                ? List.of()
                : qemu.nodes().stream()
                    .filter(SimulatedQemu.Node::storage)
                    .map(SimulatedQemu.Node::source)
                    .toList());
  }

  /** What is noted in its live metadata, by namespace. */
  public Map<String, String> notes() {
    return host.unchecked(() -> Map.copyOf(notes));
  }

  @Override
  public String toString() {
    return name + " (" + uuid + ")";
  }

  // What calls do; with the host's lock held.

  void requireThere(Call call) throws FaultException {
    host.locked(
        () -> {
          if (!host.knows(this)) {
            throw Refusals.noDomain(call, uuid);
          }
          return true;
        });
  }

  void requireScope(Call call, Set<View> scope) throws FaultException {
    if (scope.isEmpty()) {
      throw new IllegalArgumentException("no view to change");
    }
    if (scope.contains(View.LIVE) && live == null) {
      throw Refusals.notRunning(call);
    }
    if (scope.contains(View.PERSISTENT) && !persistent) {
      throw Refusals.isTransient(call);
    }
  }

  Definition live() {
    return Objects.requireNonNull(live, "the domain is shut off");
  }

  Definition config() {
    return config;
  }

  @Nullable SimulatedQemu qemu() {
    return qemu;
  }

  private SimulatedQemu requireQemu() {
    return Objects.requireNonNull(qemu, "the domain is shut off");
  }

  private static DiskDefinition require(Definition view, String target) {
    return Objects.requireNonNull(view.byTarget(target), target);
  }

  /** What other tools have begun. */
  SimulatedJobs jobs() {
    return jobs;
  }

  /**
   * Another tool begins a block job that no view shows: a backup, as a pull or a commit is. False
   * if this generation takes none.
   */
  public boolean beginBackup(String targetDev) {
    boolean takes = host.generation().takesBackups();
    if (takes) {
      host.unchecked(
          () -> {
            jobs.begin(targetDev);
            return true;
          });
    }
    return takes;
  }

  /** It ends. */
  public void endBlockJob(String targetDev) {
    host.unchecked(
        () -> {
          jobs.end(targetDev);
          return true;
        });
  }

  /** Another tool begins a job that lets changes wait, such as a dump; null ends it. */
  public void longJob(@Nullable String name) {
    host.unchecked(
        () -> {
          jobs.longJob(name);
          host.wakeAll();
          return true;
        });
  }

  @Nullable Thread job() {
    return job;
  }

  void job(@Nullable Thread holder) {
    job = holder;
  }

  int nextNodeNumber() {
    return ++nodeNumber;
  }

  void saveStatus() {
    savedNodeNumber = nodeNumber;
  }

  void saveConfig(Call call, Definition newConfig) throws FaultException {
    if (savesFail) {
      throw Refusals.saveFailed(call);
    }
    // Undefined meanwhile: there is nothing to save.
    if (persistent) {
      config = newConfig;
    }
  }

  DomainStatus status() throws FaultException {
    return host.locked(
        () -> {
          return new DomainStatus(
              runState(),
              reason,
              run,
              persistent,
              live == null && others.managed() != null,
              live == null ? others.memorySnapshots() : 0);
        });
  }

  /** What works on it; a call that QEMU keeps waiting does. */
  ControlState control() throws FaultException {
    return host.locked(
        () -> {
          if (live == null || (job == null && !occupied)) {
            return ControlState.FREE;
          }
          if (jobs.hideWhetherQemuAnswers()) {
            return ControlState.HIDDEN;
          }
          return occupied
              ? ControlState.occupied(Duration.ofNanos(host.now() - occupiedSince))
              : ControlState.CALL;
        });
  }

  List<String> targetDevs() throws FaultException {
    return host.locked(
        () ->
            live == null
                ? List.of()
                : live.disks().stream().map(disk -> disk.disk().targetDev()).toList());
  }

  String xml(View view) throws FaultException {
    return host.locked(
        () -> {
          Definition running = live;
          boolean showsLive = running != null && view == View.LIVE;
          Definition shown = showsLive ? Objects.requireNonNull(running) : config;
          String id = showsLive ? " id='" + run + "'" : "";
          Map<String, String> noted = showsLive ? notes : configNotes;
          String metadata =
              noted.isEmpty() ? "" : "<metadata>" + String.join("", noted.values()) + "</metadata>";
          return """
              <domain type='qemu'%s>
                <name>%s</name>
                <uuid>%s</uuid>
                %s<os><type arch='x86_64' machine='%s'>hvm</type></os>
                <features><acpi/></features>
                <devices>
              %s</devices>
              </domain>
              """
              .formatted(id, name, uuid, metadata, shown.machine(), shown.devicesXml());
        });
  }

  void note(String namespace, @Nullable String element) throws FaultException {
    host.locked(
        () -> {
          if (live == null) {
            throw Refusals.notRunning(Call.NOTE);
          }
          set(notes, namespace, element);
          return true;
        });
  }

  private static void set(Map<String, String> notes, String namespace, @Nullable String element) {
    if (element == null) {
      notes.remove(namespace);
    } else {
      // libvirt keeps one element for a namespace, with the prefix that it was given.
      notes.put(
          namespace,
          element.replaceFirst("<([\\w-]+)", "<diskplug:$1 xmlns:diskplug='" + namespace + "'"));
    }
  }

  void update(String xml, Set<View> scope) throws FaultException {
    host.locked(
        () -> {
          requireScope(Call.UPDATE, scope);
          if (scope.contains(View.LIVE)) {
            throw Refusals.notSupported(Call.UPDATE, "cannot modify the alias of a live disk");
          }
          DiskDefinition disk = DiskDefinition.parse(host.generation(), Call.UPDATE, xml);
          Definition copy = config().copy();
          DiskDefinition old = copy.byTarget(disk.target());
          if (old == null) {
            throw Refusals.noDisk(disk.target());
          }
          String alias = disk.alias();
          DiskDefinition other = alias == null ? null : copy.byAlias(alias);
          if (other != null && !other.target().equals(disk.target())) {
            throw Refusals.notUnique(alias);
          }
          copy.replace(disk.address() == null ? disk.at(old.address()) : disk);
          saveConfig(Call.UPDATE, copy);
          return true;
        });
  }

  String monitor(Call kind, String command) throws FaultException {
    SimulatedQemu process = awaitMonitor(kind);
    return host.locked(
        () ->
            MonitorCommands.answer(
                process,
                command,
                device -> {
                  askForUnplug(device);
                  letGuestAnswer();
                }));
  }

  /** QEMU's monitor, as soon as it answers. */
  SimulatedQemu awaitMonitor(Call call) throws FaultException {
    int daemon = host.daemonRun();
    return host.locked(
        () -> {
          SimulatedQemu before = qemu;
          boolean waited = frozen;
          while (frozen) {
            if (!occupied) {
              occupied = true;
              occupiedSince = host.now();
            }
            host.awaitChange();
            host.requireRun(daemon, call);
          }
          if (waited && before != qemu) {
            throw Refusals.monitorReset(call);
          }
          SimulatedQemu process = qemu;
          if (process == null || live == null) {
            throw Refusals.notRunning(call);
          }
          return process;
        });
  }

  // QEMU and the guest; with the host's lock held.

  /** Asks the guest for a PCI device; any other is gone at once. */
  void askForUnplug(String id) throws FaultException {
    SimulatedQemu process = requireQemu();
    SimulatedQemu.Device device = process.device(id);
    if (device == null) {
      return;
    }
    if (!device.isPci()) {
      released(id);
      return;
    }
    if (live != null
        && device.address() instanceof PciAddress pci
        && !live.takesHotPlug(pci.bus())) {
      throw live.isRoot(pci.bus())
          ? Refusals.busWithoutHotPlug(Call.DETACH, "pcie.0")
          : Refusals.notAllowed();
    }
    if (host.generation().q35PlugsNatively()
        && live != null
        && live.isExpress()
        && process.asked().contains(id)) {
      throw Refusals.unplugInProgress(id);
    }
    Long before = askedAt.put(id, host.now());
    if (process.asked().contains(id)
        && before != null
        && before - startedAt > CROSSING.toNanos() // before that it boots, and answers nobody
        && host.now() - before < CROSSING.toNanos()) {
      crossed.add(id);
    }
    afterwards.told(process.asked());
    if (guest != GuestBehaviour.FORGETS) {
      process.asked().add(id);
    }
  }

  /** The guest is told of a new device. */
  void plugged(SimulatedQemu.Device device) {
    if (device.isPci()) {
      afterwards.told(requireQemu().asked());
    }
  }

  /** What is due by now. */
  void catchUp() {
    SimulatedQemu process = qemu;
    if (process == null || afterwards.isNothingDue()) {
      return;
    }
    afterwards.catchUp(
        host.now(),
        !paused && !frozen,
        process.devices(),
        this::released,
        id -> {
          DiskDefinition disk = live == null ? null : live.byAlias(id);
          if (disk != null && host.isDaemonUp()) {
            afterwards.dropped(id);
            drop(disk);
            host.signal(this);
          }
        });
  }

  /** Without the host's lock. */
  void guestAnswers() {
    host.unchecked(
        () -> {
          letGuestAnswer();
          return true;
        });
  }

  private void letGuestAnswer() {
    if (guest == GuestBehaviour.RELEASES && !paused && !frozen) {
      releaseAsked();
    }
  }

  private void releaseAsked() {
    SimulatedQemu process = qemu;
    if (process != null) {
      List.copyOf(process.asked()).forEach(this::released);
    }
  }

  /** DEVICE_DELETED: libvirt, if it is there, takes the disk out of its view and closes it. */
  private void released(String id) {
    SimulatedQemu.Device device = requireQemu().device(id);
    if (device != null) {
      afterwards.released(device, requireQemu().asked(), host.now());
    }
    requireQemu().unplug(id);
    if (host.isDaemonUp()) {
      DiskDefinition disk = live == null ? null : live.byAlias(id);
      if (disk != null) {
        drop(disk);
      } else {
        afterwards.unknownDeviceIsGone(id, host.now());
      }
      host.signal(this);
    }
  }

  private void drop(DiskDefinition disk) {
    live().remove(disk);
    disk.numbers().forEach(requireQemu()::closeBoth);
  }

  boolean hasDevice(SimulatedQemu process, String id) throws FaultException {
    return host.locked(() -> process.device(id) != null);
  }

  void daemonDied() {
    job = null;
  }

  /** The daemon does not save why a domain is shut off. */
  void forgetReason() {
    if (live == null) {
      reason = StateReason.UNKNOWN;
    }
  }

  Stream<SimulatedQemu> strays() {
    return others.strays().stream().map(OtherHolders.Stray::process);
  }

  /** libvirt drops from its view what QEMU has lost, and never adopts what QEMU has. */
  void daemonStarted() {
    if (live != null && qemu == null) {
      stopped(StateReason.CRASHED);
      return;
    }
    forgetReason();
    nodeNumber = savedNodeNumber;
    if (live != null) {
      for (DiskDefinition disk : live.disks()) {
        if (requireQemu().device(String.valueOf(disk.alias())) == null) {
          drop(disk);
        }
      }
    }
  }
}
