// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import io.diskplug.ceph.CephClient.Mirroring;
import io.diskplug.ceph.CephClient.Seen;
import io.diskplug.ceph.CephClient.Watcher;
import io.diskplug.spi.StorageProbe.Reason;
import io.diskplug.spi.StorageProbe.Refused;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which clients of one cluster count as users of an image, and what is said of them.
 *
 * @param mirrorHosts where the daemons of rbd-mirror run that watch images of this cluster
 */
record WatcherRules(List<ClientNetwork> mirrorHosts) {

  /** RBD_FEATURE_JOURNALING. */
  private static final long JOURNALING = 1 << 6;

  /** RBD_FEATURE_NON_PRIMARY, which only images that are mirrored by snapshots have. */
  private static final long NON_PRIMARY = 1 << 10;

  private static final String LINGERS =
      ". A client that was killed counts for up to 30 s after its end. One that stays and that no OSD"
          + " lists (ceph tell osd.* dump_watchers) is gone: a restart of the OSD takes it away.";

  /** Copies the list. */
  WatcherRules {
    mirrorHosts = List.copyOf(mirrorHosts);
  }

  /**
   * The users of an image. A client at the address of a mirror host counts if the image is not
   * known to be mirrored: then it cannot be the daemon.
   */
  List<Watcher> users(Seen seen) {
    return seen.isMirrored()
        ? seen.watchers().stream().filter(watcher -> !isAtMirrorHost(watcher)).toList()
        : seen.watchers();
  }

  /** Whether there are watchers, and none at another address than those of mirror hosts. */
  boolean areAllAtMirrorHosts(Seen seen) {
    return !seen.watchers().isEmpty() && seen.watchers().stream().allMatch(this::isAtMirrorHost);
  }

  /** What is said of an image that a domain runs with, and that has watchers. */
  Refused anyClient(RbdImage image, Seen seen, String how) {
    return notPrimary(image, seen, false)
        .or(() -> onlyMirrorHosts(image, seen))
        .orElseGet(() -> inUse(image, seen, how));
  }

  private Optional<Refused> onlyMirrorHosts(RbdImage image, Seen seen) {
    if (!areAllAtMirrorHosts(seen) || seen.mirroring() == Mirroring.NOT_MIRRORED) {
      return Optional.empty();
    }
    return Optional.of(
        new Refused(
            Reason.NOT_KNOWN,
            "only clients at the addresses of mirror daemons have the image "
                + image.path()
                + " open: "
                + list(seen.watchers())
                + ". If no domain runs on their hosts, QEMU is shut out (ceph osd blocklist ls) or"
                + " is cut off"));
  }

  private static String list(List<Watcher> watchers) {
    return watchers.stream().map(Watcher::toString).collect(Collectors.joining(", "));
  }

  private boolean isAtMirrorHost(Watcher watcher) {
    return mirrorHosts.stream().anyMatch(network -> network.contains(watcher.address()));
  }

  /** Whether only the part in mirroring can tell if an image can be read and written. */
  static boolean mayBeDemoted(RbdImage image, Seen seen) {
    return image.snapshot().isEmpty() && (seen.features() & JOURNALING) != 0;
  }

  /**
   * Why QEMU could not use an image that follows another one. Without a promotion, an image with
   * snapshot-based mirroring can be read; one with journal-based mirroring cannot, because QEMU
   * opens it for writing even if the disk is read-only, and librbd then reads nothing without the
   * image's lock.
   */
  static Optional<Refused> notPrimary(RbdImage image, Seen seen, boolean readOnly) {
    boolean bySnapshots = (seen.features() & NON_PRIMARY) != 0;
    boolean byJournal =
        mayBeDemoted(image, seen) && seen.mirroring() == Mirroring.NON_PRIMARY && !bySnapshots;
    if (!byJournal && (!bySnapshots || readOnly || image.snapshot().isPresent())) {
      return Optional.empty();
    }
    return Optional.of(
        new Refused(
            Reason.NOT_PRIMARY,
            "the image "
                + image.path()
                + " is mirrored and is not the primary one: "
                + (byJournal
                    ? "QEMU could neither read nor write it. Promote it"
                    : "QEMU could not write to it. Attach it read-only, or promote it")
                + " (rbd mirror image promote "
                + image.path()
                + ") when the image on the other site is demoted"));
  }

  /** The image is in use. */
  Refused inUse(RbdImage image, Seen seen, String how) {
    return new Refused(
        Reason.IN_USE,
        "the image "
            + image.path()
            + " is in use, "
            + how
            + ": "
            + list(users(seen))
            + LINGERS
            + mirroring(seen));
  }

  private String mirroring(Seen seen) {
    if (seen.isMirrored()) {
      return " The image is mirrored: a daemon of rbd-mirror watches it, too. The probe does not count"
          + " the clients at the addresses that are given as mirror daemons.";
    }
    return seen.mirroring() == Mirroring.NOT_TOLD && !mirrorHosts.isEmpty()
        ? " The cluster does not tell this user whether the image is mirrored, so that the clients"
            + " at the addresses of mirror daemons count."
        : "";
  }
}
