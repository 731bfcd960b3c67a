// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import io.diskplug.disk.IoTune;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.RunState;
import io.diskplug.domain.StateReason;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.ControlState;
import io.diskplug.internal.port.DaemonFacts;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.port.KnownDomain;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A domain in memory whose calls do what they are told: a double for the paths that follow errors,
 * and no evidence of how libvirt behaves. A live disk goes at once when it is asked for, unless
 * {@link #guestReleases} is false. Safe for use by several threads.
 */
public final class ScriptedDomain implements DomainHandle {

  /** What a call does. */
  @FunctionalInterface
  public interface Act {
    void perform(Runnable effect) throws FaultException;
  }

  public static final DomainStatus RUNNING =
      new DomainStatus(RunState.RUNNING, StateReason.BOOTED, 1, true, false);
  public static final DomainStatus PAUSED =
      new DomainStatus(RunState.PAUSED, StateReason.USER, 1, true, false);
  public static final DomainStatus TRANSIENT =
      new DomainStatus(RunState.RUNNING, StateReason.BOOTED, 1, false, false);
  public static final DomainStatus SHUT_OFF =
      new DomainStatus(RunState.SHUT_OFF, StateReason.DESTROYED, -1, true, false);
  public static final DomainStatus SAVED =
      new DomainStatus(RunState.SHUT_OFF, StateReason.DESTROYED, -1, true, true);

  private static final Pattern ALIAS = Pattern.compile("<alias name=[\"']([^\"']+)[\"']");

  /** Where the disks are put into it. */
  public static final String DISKS = "<!-- disks -->";

  /** A machine with one PCI bus. */
  public static final String DOMAIN_XML =
      """
      <domain type='kvm'>
        <name>%s</name>
        <uuid>%s</uuid>
        <os><type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type></os>
        <features><acpi/></features>
        <devices>
          <controller type='pci' index='0' model='pci-root'/>
          <controller type='scsi' index='0' model='virtio-scsi'>
            <address type='pci' domain='0x0000' bus='0x00' slot='0x02' function='0x0'/>
          </controller>
          <!-- disks -->
        </devices>
      </domain>
      """;

  private final UUID uuid = UUID.randomUUID();
  private final Map<View, List<String>> disks = new EnumMap<>(View.class);
  private final Map<Call, Deque<Act>> next = new ConcurrentHashMap<>();
  private final Map<Call, Act> always = new ConcurrentHashMap<>();
  private final Set<Runnable> subscribers = ConcurrentHashMap.newKeySet();
  private volatile DomainStatus status = RUNNING;

  /** The calls made so far, in order; those that change something with their arguments. */
  public final List<String> calls = new CopyOnWriteArrayList<>();

  /** What is answered instead of the XML that is kept. */
  public volatile BiFunction<View, String, String> xmlAnswer = (view, usual) -> usual;

  /** What QEMU answers instead of what is kept. */
  public volatile UnaryOperator<String> qemuAnswer = UnaryOperator.identity();

  /** What is noted in the live metadata, by namespace. */
  public final Map<String, String> notes = new ConcurrentHashMap<>();

  /** The definitions of the daemon's storage pools, by name. */
  public final Map<String, String> pools = new ConcurrentHashMap<>();

  private final List<Duration> poolBudgets = new CopyOnWriteArrayList<>();

  /** Devices that QEMU has besides those of the live view. */
  public final Set<String> qemuDevices = ConcurrentHashMap.newKeySet();

  /** Devices of the live view that QEMU has no more. */
  public final Set<String> dropped = ConcurrentHashMap.newKeySet();

  public final List<String> qemuNodes = new CopyOnWriteArrayList<>();
  public final List<String> qemuBlocks = new CopyOnWriteArrayList<>();
  public final List<String> qemuJobs = new CopyOnWriteArrayList<>();
  public volatile boolean guestReleases = true;
  public volatile boolean hasEvents = true;
  public volatile Duration occupiedFor = Duration.ZERO;

  /** Hides for how long QEMU has not answered. */
  public volatile boolean backup;

  public volatile @Nullable String longJob;

  /** Readings take no job, unless a test says otherwise. */
  public volatile DaemonFacts daemon = new DaemonFacts(false);

  public volatile boolean jobTaken;

  public ScriptedDomain() {
    for (View view : View.values()) {
      disks.put(view, new CopyOnWriteArrayList<>());
    }
  }

  /** A hypervisor that knows these domains, by UUID and by name. */
  public static HypervisorPort hypervisor(ScriptedDomain... domains) {
    return new HypervisorPort() {
      @Override
      public DomainHandle lookup(DomainRef ref) throws FaultException {
        for (ScriptedDomain domain : domains) {
          if (ref.equals(domain.ref()) || ref.equals(DomainRef.name(domain.name()))) {
            domain.act(Call.LOOKUP, "LOOKUP", () -> {});
            return domain;
          }
        }
        throw fault(Call.LOOKUP, 42, "Domain not found: no domain with matching uuid");
      }

      @Override
      public List<KnownDomain> domains() throws FaultException {
        List<KnownDomain> known = new ArrayList<>();
        for (ScriptedDomain domain : domains) {
          domain.act(Call.LIST_DOMAINS, "LIST_DOMAINS", () -> {});
          known.add(new KnownDomain(domain.uuid(), domain.name()));
        }
        return known;
      }

      @Override
      public void close() {}
    };
  }

  public static FaultException fault(Call call, int code, String message) {
    return new FaultException(new LibvirtFault(call, code, 10, message));
  }

  public DomainRef ref() {
    return DomainRef.uuid(uuid);
  }

  /** The next calls of this kind do this, each once. */
  public void next(Call call, Act... acts) {
    next.computeIfAbsent(call, c -> new ConcurrentLinkedDeque<>()).addAll(List.of(acts));
  }

  /** Every call of this kind does this, once the script is empty. */
  public void always(Call call, Act act) {
    always.put(call, act);
  }

  public void asUsual(Call call) {
    always.remove(call);
  }

  /** Fails, without any effect. */
  public static Act fails(Call call, int code, String message) {
    return effect -> {
      throw fault(call, code, message);
    };
  }

  /** Has its effect, and fails all the same. */
  public static Act failsAfterwards(Call call, int code, String message) {
    return effect -> {
      effect.run();
      throw fault(call, code, message);
    };
  }

  /** Does not return before the latch is open; then it has its effect. */
  public static Act hangs(CountDownLatch latch) {
    return effect -> {
      boolean open = false;
      while (!open) {
        try {
          latch.await();
          open = true;
        } catch (InterruptedException e) {
          // A native call does not notice.
        }
      }
      effect.run();
    };
  }

  public void status(DomainStatus newStatus) {
    status = newStatus;
    signal();
  }

  public void signal() {
    if (!hasEvents) {
      return;
    }
    subscribers.forEach(Runnable::run);
  }

  public int subscribers() {
    return subscribers.size();
  }

  /** Puts a disk into views behind everybody's back. */
  public void put(String diskXml, View... views) {
    for (View view : views) {
      disks.get(view).add(diskXml);
    }
  }

  /** Takes disks out of views behind everybody's back. */
  public void drop(View... views) {
    for (View view : views) {
      disks.get(view).clear();
    }
    signal();
  }

  public List<String> disks(View view) {
    return List.copyOf(disks.get(view));
  }

  /** How often a call was made. */
  public long count(Call call) {
    return calls.stream().filter(made -> made.split(" ", 2)[0].equals(call.name())).count();
  }

  /** The calls that change something. */
  public List<String> changes() {
    return calls.stream().filter(made -> made.matches("(ATTACH|DETACH|UPDATE).*")).toList();
  }

  @Override
  public UUID uuid() {
    return uuid;
  }

  @Override
  public String name() {
    return "scripted-" + uuid;
  }

  @Override
  public DomainStatus status() throws FaultException {
    act(Call.READ_STATUS, "READ_STATUS", () -> {});
    return status;
  }

  @Override
  public OptionalInt run() throws FaultException {
    act(Call.LOOKUP, "LOOKUP", () -> {});
    return status.active() ? OptionalInt.of(status.id()) : OptionalInt.empty();
  }

  @Override
  public Optional<String> longJob() throws FaultException {
    act(Call.READ_JOB, "READ_JOB", () -> {});
    return Optional.ofNullable(longJob);
  }

  @Override
  public DaemonFacts daemon() {
    return daemon;
  }

  @Override
  public ControlState control() throws FaultException {
    act(Call.READ_CONTROL, "READ_CONTROL", () -> {});
    if (backup && (jobTaken || !occupiedFor.isZero())) {
      return ControlState.HIDDEN;
    }
    if (!occupiedFor.isZero()) {
      return ControlState.occupied(occupiedFor);
    }
    return jobTaken ? ControlState.CALL : ControlState.FREE;
  }

  @Override
  public List<String> targetDevs() throws FaultException {
    act(Call.READ_STATS, "READ_STATS", () -> {});
    return DomainXmlReader.readDomain(xml(View.LIVE), View.LIVE).disks().stream()
        .map(Disk::targetDev)
        .toList();
  }

  @Override
  public String xml(View view) throws FaultException {
    act(Call.READ_XML, "READ_XML " + view, () -> {});
    String all = String.join("\n", disks.get(view));
    String xml = DOMAIN_XML.formatted(name(), uuid).replace(DISKS, all);
    if (view == View.LIVE && status.active()) {
      xml = xml.replaceFirst("<domain ", "<domain id='" + status.id() + "' ");
    }
    if (view == View.LIVE && !notes.isEmpty()) {
      xml = xml.replace("<os>", "<metadata>" + String.join("", notes.values()) + "</metadata><os>");
    }
    return xmlAnswer.apply(view, xml);
  }

  /** How long each question about a pool was allowed to take. */
  public List<Duration> poolBudgets() {
    return List.copyOf(poolBudgets);
  }

  @Override
  public String storagePoolXml(String pool, Duration atMost) throws FaultException {
    poolBudgets.add(atMost);
    act(Call.READ_POOL, "READ_POOL " + pool, () -> {});
    String xml = pools.get(pool);
    if (xml == null) {
      throw fault(Call.READ_POOL, 49, "Storage pool not found: no storage pool with name " + pool);
    }
    return xml;
  }

  @Override
  public void attachDevice(String deviceXml, Set<View> scope) throws FaultException {
    act(Call.ATTACH, "ATTACH " + scope, () -> put(deviceXml, scope.toArray(View[]::new)));
  }

  @Override
  public void updateDevice(String deviceXml, Set<View> scope) throws FaultException {
    String target = DomainXmlReader.readDisk(deviceXml).targetDev();
    act(
        Call.UPDATE,
        "UPDATE " + target + " " + scope,
        () ->
            scope.forEach(
                view ->
                    disks
                        .get(view)
                        .replaceAll(
                            disk ->
                                target.equals(DomainXmlReader.readDisk(disk).targetDev())
                                    ? deviceXml
                                    : disk)));
  }

  @Override
  public void detachDevice(String deviceXml, Set<View> scope) throws FaultException {
    String target = DomainXmlReader.readDisk(deviceXml).targetDev();
    act(
        Call.DETACH,
        "DETACH " + target + " " + scope,
        () -> remove(scope, disk -> target.equals(DomainXmlReader.readDisk(disk).targetDev())));
  }

  @Override
  public void detachDeviceByAlias(String alias, Set<View> scope) throws FaultException {
    act(
        Call.DETACH,
        "DETACH " + alias + " " + scope,
        () -> remove(scope, disk -> alias.equals(DomainXmlReader.readDisk(disk).alias())));
  }

  /** Without effect. */
  @Override
  public void setLimits(String targetDev, IoTune limits, Set<View> scope) throws FaultException {
    act(Call.SET_LIMITS, "SET_LIMITS " + targetDev + " " + scope, () -> {});
  }

  @Override
  public DiskSize size(String targetDev) throws FaultException {
    act(Call.READ_SIZE, "READ_SIZE " + targetDev, () -> {});
    return new DiskSize(1 << 20, 1 << 20);
  }

  @Override
  public void note(String namespace, @Nullable String element) throws FaultException {
    act(
        Call.NOTE,
        element == null ? "NOTE" : "NOTE " + element,
        () -> {
          if (element == null) {
            notes.remove(namespace);
          } else {
            notes.put(
                namespace,
                element.replaceFirst("<(\\w+)", "<diskplug:$1 xmlns:diskplug='" + namespace + "'"));
          }
        });
  }

  @Override
  public String askQemu(String command) throws FaultException {
    boolean changes = command.contains("del\"");
    Call call = changes ? Call.CHANGE_QEMU : Call.ASK_QEMU;
    String name = command.replaceFirst(".*:\"([^\"]*)\".*", "$1");
    boolean[] done = {false};
    act(
        call,
        changes ? call + " " + name : call.name(),
        () -> done[0] = changes && guestReleases && remove(name));
    return qemuAnswer.apply(
        changes
            ? done[0] || command.contains("device_del")
                ? "{\"return\":{},\"id\":\"libvirt-1\"}"
                : "{\"id\":\"libvirt-1\",\"error\":{\"class\":\"GenericError\",\"desc\":\"in use\"}}"
            : "{\"return\":[" + String.join(",", answers(command)) + "],\"id\":\"libvirt-1\"}");
  }

  /** A node that a device uses stays. */
  private boolean remove(String name) {
    boolean used = qemuBlocks.stream().anyMatch(block -> block.contains("\"" + name + "\""));
    qemuBlocks.removeIf(block -> block.contains("/" + name + "/"));
    return qemuDevices.remove(name)
        || (!used && qemuNodes.removeIf(node -> node.contains("\"node-name\":\"" + name + "\"")));
  }

  private List<String> answers(String command) {
    if (command.contains("query-named-block-nodes")) {
      return qemuNodes;
    } else if (command.contains("query-jobs")) {
      return qemuJobs;
    } else if (command.contains("query-block")) {
      return qemuBlocks;
    }
    Set<String> devices = new TreeSet<>(qemuDevices);
    disks.get(View.LIVE).stream()
        .flatMap(disk -> ALIAS.matcher(disk).results())
        .map(match -> match.group(1))
        .filter(alias -> !dropped.contains(alias))
        .forEach(devices::add);
    return devices.stream()
        .map("{\"name\":\"%s\",\"type\":\"child<virtio-blk-pci>\"}"::formatted)
        .toList();
  }

  @Override
  public Subscription subscribe(Runnable signal) {
    calls.add("SUBSCRIBE");
    Runnable subscriber = () -> signal.run();
    subscribers.add(subscriber);
    return () -> subscribers.remove(subscriber);
  }

  private void remove(Set<View> scope, Predicate<String> disk) {
    Set<View> views = EnumSet.copyOf(scope);
    if (!guestReleases) {
      views.remove(View.LIVE);
    }
    views.forEach(view -> disks.get(view).removeIf(disk));
  }

  private void act(Call call, String described, Runnable effect) throws FaultException {
    calls.add(described);
    Deque<Act> queue = next.get(call);
    Act act = queue == null ? null : queue.poll();
    if (act == null) {
      act = always.getOrDefault(call, Runnable::run);
    }
    act.perform(effect);
  }
}
