// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.coordination;

import io.diskplug.domain.PciAddress;
import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.match.DiskSelector;
import io.diskplug.internal.model.DomainView;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The notes of unplug requests that stay when their disks are gone: each tells other processes to
 * leave a slot alone which the guest may eject once more. It may do so
 *
 * <ul>
 *   <li>for a second, if it was told of anything else while it was to release the disk: a request
 *       that has the time waits for that, and takes the note away;
 *   <li>and while it works on other unplug requests, which may take long: no request waits, and the
 *       notes of all are taken away with the last.
 * </ul>
 *
 * <p>What is left because no request has waited is taken away by the next request.
 */
public final class QuarantineNotes {

  private final DomainAccess domain;
  private final String key;
  private final ProcessMemory memory;

  /** Whether the guest may have been told of anything else; null until the disk is gone. */
  private @Nullable Boolean toldMore;

  /**
   * As a request for one disk sees them.
   *
   * @param key names the disk's own note, as {@link DiskSelector#unplugKey} does
   */
  public QuarantineNotes(DomainAccess domain, String key, ProcessMemory memory) {
    this.domain = domain;
    this.key = key;
    this.memory = memory;
  }

  /** How long to wait until the disk's own note and those of others can be taken away. */
  public Duration stayFor(Snapshot snapshot) {
    if (own(snapshot).isEmpty() || UnplugAnnotations.areUnplugsOutstanding(snapshot)) {
      return Duration.ZERO;
    }
    Duration own = ownIsNeededFor(snapshot);
    Duration others = othersStayFor(snapshot);
    return own.compareTo(others) > 0 ? own : others;
  }

  /** How long to wait until those of others can be taken away, if no unplug is outstanding. */
  public Duration othersStayFor(Snapshot snapshot) {
    return others(snapshot).stream()
        .map(this::isNeededFor)
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }

  /** The disk's own note, if it must not be taken away yet. */
  public Optional<UnplugAnnotations.Note> ownThatStays(Snapshot snapshot) {
    boolean needed = !ownIsNeededFor(snapshot).isZero();
    return own(snapshot)
        .filter(note -> needed || UnplugAnnotations.areUnplugsOutstanding(snapshot));
  }

  /** The notes of other disks that are not needed any more. */
  public List<UnplugAnnotations.Note> othersThatMayGo(Snapshot snapshot) {
    boolean mayGo = !UnplugAnnotations.areUnplugsOutstanding(snapshot);
    return Stream.concat(
            UnplugAnnotations.of(snapshot).stream()
                .filter(note -> !note.key().equals(key) && note.isDone(snapshot)),
            others(snapshot).stream().filter(note -> mayGo && isNeededFor(note).isZero()))
        .toList();
  }

  private Duration ownIsNeededFor(Snapshot snapshot) {
    DomainView live = snapshot.views().live();
    Optional<UnplugAnnotations.Note> own = own(snapshot);
    if (live == null || own.isEmpty()) {
      return Duration.ZERO;
    }
    // Asked once: what is remembered of the request is forgotten soon.
    if (toldMore == null) {
      toldMore =
          memory
              .pendingUnplugs()
              .mayHaveBeenToldMore(
                  domain.uuid(), key, snapshot.status(), SlotQuarantine.devices(live));
    }
    return toldMore ? isNeededFor(own.get()) : Duration.ZERO;
  }

  private Duration isNeededFor(UnplugAnnotations.Note note) {
    PciAddress slot = note.slot();
    return slot == null
        ? Duration.ZERO
        : memory.slotQuarantine().ejectedAgainFor(domain.uuid(), slot);
  }

  private Optional<UnplugAnnotations.Note> own(Snapshot snapshot) {
    return UnplugAnnotations.ofFreedSlots(snapshot).stream()
        .filter(note -> note.key().equals(key))
        .findFirst();
  }

  private List<UnplugAnnotations.Note> others(Snapshot snapshot) {
    return UnplugAnnotations.ofFreedSlots(snapshot).stream()
        .filter(note -> !note.key().equals(key))
        .toList();
  }
}
