// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.coordination;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.Disk;
import io.diskplug.domain.PciAddress;
import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.match.DiskSelector;
import io.diskplug.internal.match.ExactDiskSelector;
import io.diskplug.internal.model.AcpiHotPlug;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.MachineType;
import io.diskplug.internal.qemu.QemuView;
import io.diskplug.internal.qemu.UnexpectedAnswerException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One unplug request of a guest is outstanding at a time, where the guest learns of them by ACPI.
 *
 * <p>QEMU shows a guest all slots that are to be ejected each time it has news of any slot ({@code
 * hw/acpi/pcihp.c}). A guest that has not ejected the first slot when it hears of the second one
 * ejects the first slot twice, and the second ejection takes what another tool has plugged into it
 * meanwhile. News of a plug has the same effect.
 *
 * <p>What is outstanding is told by the notes in the domain, which every process reads, and by what
 * this process remembers where libvirt takes no notes. A request that the guest has not answered
 * within {@link UnplugPolicy#KEEPS_OTHER_UNPLUGS} keeps the others no longer: the guest has missed
 * it, and the news of the next one makes it look at both. A process that has just begun does not
 * know how long the guest had where it was asked by another host, and allows for clocks that
 * differ.
 */
public final class OneUnplug {

  /** How QEMU is told to leave hot-plug to the ports of a {@code q35}, in the live XML. */
  private static final String NATIVE = "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off";

  /**
   * How it is told to unplug by ACPI where the machine type does not: an older {@code q35}, or
   * {@code virt} ({@code acpi-ged}, from QEMU 10.1 on).
   */
  private static final String BY_ACPI = "acpi-pci-hotplug-with-bridge-support=on";

  private final DomainAccess domain;
  private final String key;
  private final String alias;
  private final boolean evicts;
  private final ProcessMemory memory;
  private final boolean mayAskQemu;

  private OneUnplug(
      DomainAccess domain,
      String key,
      String alias,
      boolean evicts,
      ProcessMemory memory,
      boolean mayAskQemu) {
    this.domain = domain;
    this.key = key;
    this.alias = alias;
    this.evicts = evicts;
    this.memory = memory;
    this.mayAskQemu = mayAskQemu;
  }

  /** As a request for one disk sees it, whose own unplug does not count. */
  public static OneUnplug besides(
      DomainAccess domain, DiskSelector selector, ProcessMemory memory, boolean mayAskQemu) {
    return new OneUnplug(domain, selector.unplugKey(), selector.alias(), false, memory, mayAskQemu);
  }

  /**
   * As the eviction of a ghost sees it. Of two ghosts the one goes first whose name comes first, so
   * that two evictions do not wait for each other.
   */
  public static OneUnplug besides(
      DomainAccess domain, String ghost, ProcessMemory memory, boolean mayAskQemu) {
    return new OneUnplug(domain, "", ghost, true, memory, mayAskQemu);
  }

  /** Whether a device in this place is concerned. */
  public static boolean concerns(Snapshot snapshot, @Nullable DeviceAddress place) {
    return place instanceof PciAddress && learnsByAcpi(snapshot);
  }

  private static boolean learnsByAcpi(Snapshot snapshot) {
    DomainView live = snapshot.views().live();
    String xml = snapshot.liveXml();
    return live != null
        && xml != null
        && (xml.contains(BY_ACPI)
            || (AcpiHotPlug.mayUnplug(live)
                && (live.machineType() != MachineType.Q35 || !xml.contains(NATIVE))));
  }

  /** The other disks that the guest was asked for, and that it has not had long enough for. */
  public List<String> inTheWay(Snapshot snapshot) throws FaultException {
    return outstanding(snapshot, UnplugPolicy.KEEPS_OTHER_UNPLUGS);
  }

  /** What a plug should wait for, a while. */
  public List<String> inTheWayOfPlug(Snapshot snapshot) throws FaultException {
    return outstanding(snapshot, UnplugPolicy.KEEPS_PLUGS);
  }

  private List<String> outstanding(Snapshot snapshot, Duration longest) throws FaultException {
    DomainView live = snapshot.views().live();
    if (live == null || !learnsByAcpi(snapshot)) {
      return List.of();
    }
    List<String> found = new ArrayList<>();
    for (Disk disk : live.disks()) {
      if (concerns(snapshot, disk.address()) && isOutstanding(snapshot, disk, longest)) {
        found.add(new ExactDiskSelector(disk).description() + ", device " + disk.alias());
      }
    }
    evicted(snapshot).stream().map("the ghost "::concat).forEach(found::add);
    return found;
  }

  /**
   * The ghosts that the guest may have been asked for, or is about to be. One of which QEMU has no
   * device in a slot concerns no guest; a stale lease of it is taken away. A stale lease of another
   * one does not count, and stays: its process may wait for the guest, and would raise it again.
   */
  private Set<String> evicted(Snapshot snapshot) throws FaultException {
    List<Lease.OfEviction> leases =
        Lease.ofEvictions(domain, memory, snapshot).stream()
            .filter(lease -> !lease.ghost().equals(alias))
            .filter(lease -> !evicts || lease.ghost().compareTo(alias) < 0)
            .toList();
    Set<String> ghosts = new TreeSet<>();
    Optional<Set<String>> inQemu = leases.isEmpty() ? Optional.empty() : devicesOfGuest();
    for (Lease.OfEviction lease : leases) {
      boolean concernsGuest =
          inQemu.isEmpty() || !Collections.disjoint(inQemu.get(), lease.devices());
      if (concernsGuest && !lease.isStale()) {
        ghosts.add(lease.ghost());
      } else if (!concernsGuest && lease.isStale()) {
        domain.note(lease.namespace(), null);
      }
    }
    return ghosts;
  }

  /** Those that QEMU has; nothing if it cannot be asked. */
  private Optional<Set<String>> devicesOfGuest() {
    if (!mayAskQemu) {
      return Optional.empty();
    }
    try {
      if (domain.occupiedMonitorOfLate().isPresent()) {
        return Optional.empty();
      }
      return Optional.of(QemuView.devicesOfGuest(domain::askQemu));
    } catch (FaultException | UnexpectedAnswerException e) {
      return Optional.empty();
    }
  }

  /**
   * After how long each of the other disks that the guest was asked for, and each lease in the
   * domain, is in the way no more; not positive if it is not.
   */
  public Stream<Duration> endings(Snapshot snapshot) {
    DomainView live = snapshot.views().live();
    Stream<Duration> ofDisks =
        live == null
            ? Stream.empty()
            : live.disks().stream()
                .flatMap(
                    disk ->
                        asked(snapshot, disk, this::left, UnplugPolicy.KEEPS_OTHER_UNPLUGS::minus)
                            .stream());
    return Stream.concat(ofDisks, Lease.endings(domain, memory, snapshot));
  }

  private boolean isOutstanding(Snapshot snapshot, Disk disk, Duration longest) {
    return asked(snapshot, disk, this::age, ago -> ago)
        .filter(age -> age.compareTo(longest) < 0)
        .isPresent();
  }

  /**
   * What is known of the time at which the guest was asked for another disk.
   *
   * @param noted what a note says of it
   * @param remembered the same by how long ago this process has asked
   * @return empty if the guest was not asked
   */
  private Optional<Duration> asked(
      Snapshot snapshot,
      Disk disk,
      Function<UnplugAnnotations.Note, Duration> noted,
      UnaryOperator<Duration> remembered) {
    String device = String.valueOf(disk.alias());
    Optional<UnplugAnnotations.Note> note =
        UnplugAnnotations.of(snapshot).stream()
            .filter(of -> of.counts() && !of.key().equals(key) && of.isAbout(disk))
            .findFirst();
    String request = note.map(UnplugAnnotations.Note::request).orElse("");
    return note.filter(of -> !isOwn(of))
        .map(noted)
        .or(
            () ->
                memory
                    .pendingUnplugs()
                    .askedForAnother(domain.uuid(), key, device, snapshot.status(), request)
                    .map(remembered))
        .or(() -> note.map(noted));
  }

  private boolean isOwn(UnplugAnnotations.Note note) {
    return PendingUnplugs.isOwn(note.request(), memory.firstSeen().token());
  }

  private Duration age(UnplugAnnotations.Note note) {
    return memory.firstSeen().age(seen(note), note.since(), UnplugPolicy.KEEPS_OTHER_UNPLUGS);
  }

  private Duration left(UnplugAnnotations.Note note) {
    return memory.firstSeen().left(seen(note), note.since(), UnplugPolicy.KEEPS_OTHER_UNPLUGS);
  }

  private String seen(UnplugAnnotations.Note note) {
    Instant since = note.since();
    String which = since == null ? note.request() : since.toString();
    return "unplug " + domain.uuid() + " " + note.key() + " " + which;
  }
}
