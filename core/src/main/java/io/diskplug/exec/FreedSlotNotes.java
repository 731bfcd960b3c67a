// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.domain.DomainView;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The notes of unplug requests that stay when their disks are gone: each tells other processes to
 * leave a slot alone which the guest may eject once more. It may do so
 *
 * <ul>
 *   <li>for a moment, if it was told of another device while it was to release the disk: whoever
 *       has asked waits for that;
 *   <li>and while it works on other unplug requests, which may take long: nobody waits, and the
 *       notes of all are taken away with the last.
 * </ul>
 */
final class FreedSlotNotes {

  private final BoundedDomain domain;
  private final String key;
  private final RequestContext context;

  /** Whether the guest may have been told of other devices; null while it has not released. */
  private @Nullable Boolean toldOfOthers;

  /**
   * As a request for one disk sees them.
   *
   * @param key names the disk's own note, as {@link Sought#unplugKey} does
   */
  FreedSlotNotes(BoundedDomain domain, String key, RequestContext context) {
    this.domain = domain;
    this.key = key;
    this.context = context;
  }

  /** How long a request that is otherwise done waits, to take away all that would stay. */
  Duration stayFor(Snapshot snapshot) {
    Duration longest = ownIsNeededFor(snapshot);
    if (!areUnplugsOutstanding(snapshot)) {
      for (Intents.Note note : others(snapshot)) {
        Duration stays = isNeededFor(note);
        longest = stays.compareTo(longest) > 0 ? stays : longest;
      }
    }
    return longest;
  }

  /** Whether the disk's own note must not be taken away yet. */
  boolean mustOwnStay(Snapshot snapshot) {
    return !ownIsNeededFor(snapshot).isZero()
        || (own(snapshot).isPresent() && areUnplugsOutstanding(snapshot));
  }

  /** The notes of other disks that nobody needs any more. */
  List<Intents.Note> othersThatMayGo(Snapshot snapshot) {
    return areUnplugsOutstanding(snapshot)
        ? List.of()
        : others(snapshot).stream().filter(note -> isNeededFor(note).isZero()).toList();
  }

  /** Whether the guest was asked for a disk, and has not released it yet. */
  static boolean areUnplugsOutstanding(Snapshot snapshot) {
    return Intents.all(snapshot).stream().anyMatch(note -> note.isOutstanding(snapshot));
  }

  private Duration ownIsNeededFor(Snapshot snapshot) {
    DomainView live = snapshot.views().live();
    Optional<Intents.Note> own = own(snapshot);
    if (live == null || own.isEmpty()) {
      return Duration.ZERO;
    }
    // Asked once: what is remembered of the request is forgotten soon.
    if (toldOfOthers == null) {
      toldOfOthers =
          context
              .unplugs()
              .mayHaveBeenToldOfOthers(
                  domain.uuid(), key, snapshot.status(), FreedSlots.taken(live));
    }
    return toldOfOthers ? isNeededFor(own.get()) : Duration.ZERO;
  }

  private Duration isNeededFor(Intents.Note note) {
    return context.freedSlots().ejectedAgainFor(domain.uuid(), note);
  }

  /** A SCSI disk was in no slot. */
  private Optional<Intents.Note> own(Snapshot snapshot) {
    return Intents.ofFreedSlots(snapshot).stream()
        .filter(note -> note.key().equals(key))
        .findFirst();
  }

  private List<Intents.Note> others(Snapshot snapshot) {
    return Intents.ofFreedSlots(snapshot).stream().filter(note -> !note.key().equals(key)).toList();
  }
}
