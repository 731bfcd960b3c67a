// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.coordination;

import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.StateReason;
import io.diskplug.domain.View;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.match.DiskSelector;
import io.diskplug.internal.match.ExactDiskSelector;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Unplug requests as they are noted in the domain itself, so that another process knows of them
 * after this one has gone: one namespace for a volume, since libvirt keeps one element for each and
 * two writers of one would overwrite each other. A note is written before the request is made.
 *
 * <p>A note counts in the start of the domain that it names. One of an earlier start counts if it
 * was saved or migrated together with the guest, which then still has the request. Notes are
 * written to the live view alone, so a domain that is started from its configuration has none,
 * unless an operator has defined it from a copy of its live XML: such a note means nothing.
 */
public final class UnplugAnnotations {

  private static final String NAMESPACE = Snapshot.NOTES + "unplug:";
  private static final String OF_SLOT = "slot-";
  private static final String START = "start";
  private static final String DEVICE = "device";
  private static final String REQUEST = "request";
  private static final String BUS = "bus";
  private static final String SLOT = "slot";
  private static final String ASKED = "asked";
  private static final String SINCE = "since";
  private static final String LAST = "last";

  /**
   * What a note says.
   *
   * @param key names the note, as {@link DiskSelector#unplugKey} does
   * @param device the alias of the live disk
   * @param request names the request; empty if the note does not tell
   * @param slot the PCI slot that it is in; null if the note does not tell
   * @param counts whether the guest that runs was asked: in this start, or before it was saved or
   *     migrated
   * @param asked how often the guest was asked; 1 if the note does not tell
   * @param since when it was asked first, by the clock of the host that asked; null if the note
   *     does not tell
   * @param last when it was asked last, by the clock of that host; null if the note tells neither
   */
  public record Note(
      String key,
      String device,
      String request,
      @Nullable PciAddress slot,
      boolean counts,
      int asked,
      @Nullable Instant since,
      @Nullable Instant last) {

    /** The disk that it is about, if it is still plugged. */
    public Optional<Disk> live(Snapshot snapshot) {
      return disks(snapshot).filter(this::isAbout).findFirst();
    }

    /** Whether it is about a disk of the live view. */
    public boolean isAbout(Disk live) {
      return hasNameAndPlaceOf(live)
          && live.source().isNamed()
          && new ExactDiskSelector(live).unplugKey().equals(key);
    }

    /**
     * Whether a disk of the live view has the device's name and is not in another slot. Another
     * disk may have come to the name that libvirt had made up for the one that has gone.
     */
    boolean hasNameAndPlaceOf(Disk live) {
      return device.equals(live.alias())
          && (slot == null
              || !(live.address() instanceof PciAddress address)
              || address.sameSlot(slot));
    }

    /** Whether the guest has not released the disk yet. */
    public boolean isOutstanding(Snapshot snapshot) {
      return counts && live(snapshot).isPresent();
    }

    /**
     * Whether nothing is left to tell: the guest was never asked, or the disk is gone and was in no
     * slot. A disk of the same name may be that of the note, whose source is told in another way
     * now, while a pool does not answer for example.
     */
    boolean isDone(Snapshot snapshot) {
      return !counts || (slot == null && disks(snapshot).noneMatch(this::hasNameAndPlaceOf));
    }

    /** Whether the disk is gone, so that all it tells is which slot was freed. */
    public boolean isOfFreedSlot(Snapshot snapshot) {
      return counts
          && slot != null
          && live(snapshot).isEmpty()
          && (key.startsWith(OF_SLOT) || !isInUse(snapshot, slot));
    }

    /**
     * Whether a disk of the live view has the device's name and the slot: it may be that of the
     * note, whose source is told in another way now, while a pool does not answer for example. It
     * does not matter to the note of a slot, which was made when the disk was gone: the disk may
     * have been plugged there again.
     */
    private boolean isInUse(Snapshot snapshot, PciAddress freed) {
      return disks(snapshot)
          .anyMatch(
              disk ->
                  device.equals(disk.alias())
                      && disk.address() instanceof PciAddress address
                      && address.sameSlot(freed));
    }

    private static Stream<Disk> disks(Snapshot snapshot) {
      return snapshot.views().of(View.LIVE).stream().flatMap(live -> live.disks().stream());
    }
  }

  private UnplugAnnotations() {}

  /** Where the intent to unplug a volume is noted. */
  public static String namespace(String key) {
    return NAMESPACE + key;
  }

  /**
   * The note.
   *
   * @param live the live disk, whose alias is another one for a disk of another tool
   * @param request tells a repetition from the request that it repeats
   * @param asked how often the guest was asked, this request included
   * @param since when it was asked first
   * @param last when it was asked last: it bounds how often the guest is asked by processes that
   *     know nothing of each other
   */
  public static String element(
      DomainStatus status,
      Disk live,
      String request,
      int asked,
      @Nullable Instant since,
      @Nullable Instant last) {
    return element(
        status,
        String.valueOf(live.alias()),
        request,
        live.address() instanceof PciAddress pci && pci.domain() == 0 ? pci : null,
        asked,
        since,
        last);
  }

  /** The same note, to be written elsewhere. */
  public static String element(DomainStatus status, Note note) {
    return element(
        status,
        note.device(),
        note.request(),
        note.slot(),
        note.asked(),
        note.since(),
        note.last());
  }

  private static String element(
      DomainStatus status,
      String device,
      String request,
      @Nullable PciAddress slot,
      int asked,
      @Nullable Instant since,
      @Nullable Instant last) {
    String place =
        slot == null ? "" : " " + BUS + "='" + slot.bus() + "' " + SLOT + "='" + slot.slot() + "'";
    return "<unplug "
        + (START + "='" + status.id() + "' ")
        + (DEVICE + "='" + device + "' ")
        + (REQUEST + "='" + request + "'")
        + place
        + (since == null ? "" : " " + ASKED + "='" + asked + "' " + SINCE + "='" + since + "'")
        + (last == null ? "" : " " + LAST + "='" + last + "'")
        + "/>";
  }

  /** Where a slot is noted whose volume is plugged again. */
  public static String namespace(PciAddress slot) {
    return namespace(OF_SLOT + slot.bus() + "-" + slot.slot());
  }

  /**
   * Whether there is a note of the volume, of whichever start: one can come back from a saved
   * image.
   */
  public static boolean isThere(Snapshot snapshot, String key) {
    return snapshot.notes().containsKey(namespace(key));
  }

  /** The notes of the live view, in the order of their keys. */
  public static List<Note> of(Snapshot snapshot) {
    DomainStatus status = snapshot.status();
    List<Note> notes = new ArrayList<>();
    new TreeMap<>(snapshot.notes())
        .forEach(
            (namespace, note) -> {
              if (namespace.startsWith(NAMESPACE)) {
                String key = namespace.substring(NAMESPACE.length());
                notes.add(
                    new Note(
                        key,
                        note.getOrDefault(DEVICE, key),
                        note.getOrDefault(REQUEST, ""),
                        slot(note),
                        Integer.toString(status.id()).equals(note.get(START))
                            || isOfRestored(
                                status, note, snapshot.configuredNotes().get(namespace)),
                        asked(note),
                        time(note, SINCE),
                        Optional.ofNullable(time(note, LAST)).orElse(time(note, SINCE))));
              }
            });
    return List.copyOf(notes);
  }

  /** Whether a note of another start was saved or migrated together with the guest. */
  private static boolean isOfRestored(
      DomainStatus status, Map<String, String> note, @Nullable Map<String, String> configured) {
    return status.reason() != StateReason.BOOTED && !note.equals(configured);
  }

  /**
   * The note of the request to unplug a disk of the live view, if it counts. Its name is empty if
   * the note does not tell.
   *
   * @param key names the note, as {@link DiskSelector#unplugKey} does
   */
  public static Optional<Note> noted(Snapshot snapshot, String key, Disk live) {
    return of(snapshot).stream()
        .filter(note -> note.counts() && note.key().equals(key))
        .filter(note -> live.alias() == null || note.hasNameAndPlaceOf(live))
        .findFirst();
  }

  /** Those whose disks are gone: each tells which slot was freed. */
  static List<Note> ofFreedSlots(Snapshot snapshot) {
    return of(snapshot).stream().filter(note -> note.isOfFreedSlot(snapshot)).toList();
  }

  /** Whether the guest was asked to free a slot, and has not done it yet. */
  public static boolean areUnplugsOutstanding(Snapshot snapshot) {
    return !outstanding(snapshot).isEmpty();
  }

  /** The devices that the guest was asked for. A SCSI disk is in no slot. */
  public static List<String> outstanding(Snapshot snapshot) {
    return of(snapshot).stream()
        .filter(note -> note.slot() != null && note.isOutstanding(snapshot))
        .map(Note::device)
        .toList();
  }

  private static int asked(Map<String, String> note) {
    try {
      return Math.max(1, Integer.parseInt(note.getOrDefault(ASKED, "1")));
    } catch (NumberFormatException e) {
      return 1;
    }
  }

  /** A time in what was noted; null if it does not tell, or tells something else. */
  static @Nullable Instant time(Map<String, String> note, String which) {
    try {
      return note.containsKey(which) ? Instant.parse(note.get(which)) : null;
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  /** Another client may have written the note. */
  private static @Nullable PciAddress slot(Map<String, String> note) {
    try {
      return PciAddress.of(
          Integer.parseInt(note.getOrDefault(BUS, "")),
          Integer.parseInt(note.getOrDefault(SLOT, "")));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
