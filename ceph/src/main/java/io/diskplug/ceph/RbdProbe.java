// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import io.diskplug.ceph.CephClient.Seen;
import io.diskplug.disk.HostPort;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.StorageSource;
import io.diskplug.domain.VolumeRef;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.StorageProbe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Asks Ceph about RBD images, through librados and librbd ({@code librados.so.2} and {@code
 * librbd.so.1}, which QEMU's RBD driver needs as well). What it claims it claims for the host it
 * runs on, with the login it was given: that this host reaches the monitors and the OSDs of the
 * image's header, and what they say. A QEMU elsewhere, or with another user, may fare otherwise.
 *
 * <p>An image is in use if it has a watcher, as every client is that has it open for writing:
 * librbd and the kernel alike. QEMU opens an image for writing also for a read-only disk. A client
 * that opens it for reading, as this probe does, is not seen. A read-only disk is not asked to be
 * alone: to read what another writes is harmless to Ceph and to the image, though not to a guest
 * that believes in what it has cached. The same holds for a shareable disk. A client that was
 * killed watches on for up to 30 seconds; one that is alive and cut off, or stopped, watches no
 * more after them, and goes on writing when it is back.
 *
 * <p>A daemon of rbd-mirror that reads an image for another cluster watches it, too. What a watcher
 * tells is its address, and a number that changes with each connection; so the caller names the
 * hosts of these daemons ({@link Builder#mirrorDaemonsAt}). Whether an image is mirrored is asked
 * only if it has more watchers than it may have, has the journaling feature, or is inspected and
 * has no watchers but at such addresses.
 *
 * <p>One connection to a cluster is kept open for each set of monitors and shared by all threads,
 * with the last few images that were asked about, open for reading. What is said of such an image
 * is of now all the same: who has its name, its size and its watchers are asked for each time. No
 * client is kept from removing it.
 *
 * <p>At most four threads of the probe, all daemons, work for a cluster. librados gives up after
 * {@value #NATIVE_SECONDS} seconds; where a budget is shorter, or librados does not give up, the
 * call is left to its thread, the connection is not used again, and the next call opens another.
 *
 * <p>Prints nothing, and opens no admin socket. Safe for use by several threads. No explanation,
 * exception or {@link #toString} shows a key.
 */
public final class RbdProbe implements StorageProbe {

  private static final int NATIVE_SECONDS = 5;

  private static final String OPEN = "somebody has it open";

  private final Map<String, ProbedCluster> clusters;
  private final Map<String, RbdLogin> logins;
  private final Map<String, WatcherRules> rules;
  private final boolean useElsewhereAllowed;

  private RbdProbe(Builder builder, CephClient client) {
    logins = Map.copyOf(builder.logins);
    useElsewhereAllowed = builder.useElsewhereAllowed;
    rules =
        logins.keySet().stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    name -> name,
                    name -> new WatcherRules(builder.mirrorHosts.getOrDefault(name, List.of()))));
    Map<String, ProbedCluster> opened = new LinkedHashMap<>();
    logins.forEach(
        (name, login) ->
            opened.put(
                name,
                new ProbedCluster(
                    name, client, login, builder.monitors.getOrDefault(name, List.of()))));
    clusters = Map.copyOf(opened);
  }

  /** A probe of no cluster, to which clusters are added. */
  public static Builder builder() {
    return new Builder();
  }

  /** Whether it is an {@link RbdDisk} of a cluster that this probe has a login for. */
  @Override
  public boolean answersFor(DiskSource disk) {
    return disk instanceof RbdDisk rbd && clusters.containsKey(rbd.image().cluster());
  }

  /**
   * Whether it is an image of a cluster that this probe has a login for. Who reads a snapshot is
   * not seen, so that it does not answer for those.
   */
  @Override
  public boolean answersFor(VolumeRef volume) {
    return image(volume).isPresent();
  }

  private Optional<RbdImage> image(VolumeRef volume) {
    return RbdImage.of(volume.identity())
        .filter(image -> image.snapshot().isEmpty() && clusters.containsKey(image.cluster()));
  }

  /**
   * {@inheritDoc}
   *
   * <p>Opens the image read-only ({@code rbd_open_read_only}), which leaves no trace, and asks for
   * its size, its features and its watchers ({@code rbd_watchers_list}). What librbd cannot open is
   * unsupported; a feature that allows to read and not to write is found by QEMU alone. The
   * watchers do not matter if the disk is shareable or read-only, or use elsewhere is allowed.
   *
   * <p>An image that is mirrored and not the primary one is {@link Reason#NOT_PRIMARY}: QEMU opens
   * it, and each write fails. With snapshot-based mirroring a read-only disk can be had. With
   * journal-based mirroring QEMU can read nothing either. Whether an image with the journaling
   * feature is the primary one is asked for each time ({@code rbd_mirror_image_get_info}).
   *
   * @throws IllegalArgumentException if the budget is not positive
   */
  @Override
  public Finding beforeAttach(DiskSource disk, Duration budget) {
    return ask(disk, budget, 0, OPEN);
  }

  /**
   * {@inheritDoc}
   *
   * <p>The QEMU that has the image is a watcher; two are one too many. Nothing is asked if the disk
   * is shareable or read-only, or use elsewhere is allowed.
   *
   * @throws IllegalArgumentException if the budget is not positive
   */
  @Override
  public Finding afterAttach(DiskSource disk, Duration budget) {
    if (disk instanceof RbdDisk rbd && !mustBeAlone(rbd)) {
      return new Ready(OptionalLong.empty());
    }
    return ask(disk, budget, 1, "another host attached it meanwhile");
  }

  /**
   * {@inheritDoc}
   *
   * <p>The image may have no watcher, whatever its disk was and whether use elsewhere is allowed or
   * not. Of an image that is missing nothing is known: Ceph removes none that has a watcher, but
   * moves it to the trash, or to another name. The cluster is reached by the monitors that were
   * given with its login, else by those of a disk through which it was reached before.
   *
   * @throws IllegalArgumentException if the budget is not positive
   */
  @Override
  public Finding afterDetach(VolumeRef volume, Duration budget) {
    return ask(
        volume,
        budget,
        (image, seen) -> !seen.watchers().isEmpty(),
        (image, seen) -> {
          WatcherRules of = rulesOf(image);
          return of.users(seen).isEmpty()
              ? new Ready(OptionalLong.of(seen.sizeBytes()))
              : of.inUse(image, seen, OPEN);
        });
  }

  /**
   * {@inheritDoc}
   *
   * <p>Watchers at the addresses of mirror daemons alone tell nothing of an image that may be
   * mirrored: they are the daemons, or a QEMU on such a host ({@link Reason#NOT_KNOWN}). An image
   * that is mirrored and not the primary one, as after a demotion under a running guest, is {@link
   * Reason#NOT_PRIMARY}. Whether it is mirrored is asked only in the first case, and if it has the
   * journaling feature. The cluster is reached as for {@link #afterDetach}.
   *
   * @throws IllegalArgumentException if the budget is not positive
   */
  @Override
  public Finding anyClient(VolumeRef volume, Duration budget) {
    return ask(
        volume,
        budget,
        (image, seen) ->
            !seen.watchers().isEmpty()
                && (WatcherRules.mayBeDemoted(image, seen)
                    || rulesOf(image).areAllAtMirrorHosts(seen)),
        (image, seen) ->
            seen.watchers().isEmpty()
                ? new Ready(OptionalLong.of(seen.sizeBytes()))
                : rulesOf(image).anyClient(image, seen, OPEN));
  }

  /**
   * {@inheritDoc}
   *
   * <p>The cluster is reached as for {@link #afterDetach}.
   *
   * @throws IllegalArgumentException if the budget is not positive
   */
  @Override
  public Finding sizeOf(VolumeRef volume, Duration budget) {
    return ask(
        volume,
        budget,
        (image, seen) -> false,
        (image, seen) -> new Ready(OptionalLong.of(seen.sizeBytes())));
  }

  /** The image that a disk of this library has, on one of the clusters that it has a login for. */
  @Override
  public Optional<SourceIdentity> identityOf(StorageSource source, String alias) {
    return source.kind().equals(RbdImage.PROTOCOL) && source.isNamed()
        ? clusters.keySet().stream()
            .map(cluster -> new SourceIdentity(RbdImage.PROTOCOL, cluster, source.canonicalName()))
            .filter(identity -> identity.alias().equals(alias))
            .filter(identity -> answersFor(new VolumeRef(alias, identity)))
            .findFirst()
        : Optional.empty();
  }

  private WatcherRules rulesOf(RbdImage image) {
    return Objects.requireNonNull(rules.get(image.cluster()));
  }

  private Finding ask(
      VolumeRef volume,
      Duration budget,
      BiPredicate<RbdImage, Seen> needsMirroring,
      BiFunction<RbdImage, Seen, Finding> verdict) {
    checkBudget(budget);
    RbdImage image = image(volume).orElse(null);
    if (image == null) {
      return new Refused(
          Reason.CANNOT_ASK, "not an image of a cluster that the probe has a login for: " + volume);
    }
    ProbedCluster cluster = Objects.requireNonNull(clusters.get(image.cluster()));
    try {
      return verdict.apply(
          image, cluster.look(image, seen -> needsMirroring.test(image, seen), budget));
    } catch (CephFault fault) {
      return fault.toFinding();
    }
  }

  private static void checkBudget(Duration budget) {
    if (budget.isNegative() || budget.isZero()) {
      throw new IllegalArgumentException("the budget " + budget + " is not positive");
    }
  }

  private Finding ask(DiskSource disk, Duration budget, int watchersAllowed, String tooMany) {
    checkBudget(budget);
    if (!(disk instanceof RbdDisk rbd)) {
      return new Refused(Reason.CANNOT_ASK, "not an RBD image: " + disk.volume());
    }
    RbdImage image = rbd.image();
    ProbedCluster cluster = clusters.get(image.cluster());
    if (cluster == null) {
      return new Refused(
          Reason.CANNOT_ASK, "the probe has no login for the cluster " + image.cluster());
    }
    try {
      WatcherRules of = rulesOf(image);
      boolean alone = mustBeAlone(rbd);
      Predicate<Seen> needsMirroring =
          seen ->
              WatcherRules.mayBeDemoted(image, seen)
                  || (alone && seen.watchers().size() > watchersAllowed);
      Seen seen = cluster.look(image, rbd.monitors(), needsMirroring, budget);
      Optional<Refused> notPrimary = WatcherRules.notPrimary(image, seen, rbd.options().readOnly());
      if (notPrimary.isPresent()) {
        return notPrimary.get();
      }
      return alone && of.users(seen).size() > watchersAllowed
          ? of.inUse(image, seen, tooMany)
          : new Ready(OptionalLong.of(seen.sizeBytes()));
    } catch (CephFault fault) {
      return fault.toFinding();
    }
  }

  private boolean mustBeAlone(RbdDisk disk) {
    return !useElsewhereAllowed && !disk.options().shareable() && !disk.options().readOnly();
  }

  /**
   * {@inheritDoc}
   *
   * <p>A probe that is closed answers {@link StorageProbe.Reason#CANNOT_ASK}.
   */
  @Override
  public void close() {
    clusters.values().forEach(ProbedCluster::close);
  }

  /** The clusters and who logs in to them; no key. */
  @Override
  public String toString() {
    return "RbdProbe" + new TreeMap<>(logins);
  }

  /** What a probe is made of. Not safe for use by several threads. */
  public static final class Builder {

    private final Map<String, RbdLogin> logins = new LinkedHashMap<>();
    private final Map<String, List<HostPort>> monitors = new HashMap<>();
    private final Map<String, List<ClientNetwork>> mirrorHosts = new HashMap<>();
    private boolean useElsewhereAllowed;

    private Builder() {}

    /**
     * Adds a cluster, which is reached by the monitors of its disks, or as the login's
     * configuration file says.
     *
     * @param name the cluster as {@link RbdImage#cluster()} has it
     * @param login how the probe logs in to it
     * @throws IllegalArgumentException if it has a login already
     */
    public Builder cluster(String name, RbdLogin login) {
      return cluster(name, login, List.of());
    }

    /**
     * Adds a cluster, and says where it is reached if nothing else does: a detach has no monitors,
     * nor has a disk that is reached by QEMU's configuration file. Where the storage's word is the
     * proof of a detach, a process that was just started needs this.
     *
     * @param name the cluster as {@link RbdImage#cluster()} has it
     * @param login how the probe logs in to it; if it is a configuration file, that has the
     *     monitors, and these are not used
     * @param monitors the monitors
     * @throws IllegalArgumentException if it has a login already
     */
    public Builder cluster(String name, RbdLogin login, List<HostPort> monitors) {
      if (logins.putIfAbsent(name, login) != null) {
        throw new IllegalArgumentException("the cluster " + name + " has two logins");
      }
      this.monitors.put(name, List.copyOf(monitors));
      return this;
    }

    /** Images that another client uses are not refused, as for a migration. */
    public Builder allowUseElsewhere() {
      useElsewhereAllowed = true;
      return this;
    }

    /**
     * Names the hosts on which daemons of rbd-mirror run that watch images of a cluster: those of
     * the other sites, which read from it, and its own. A client with such an address does not
     * count as a user of an image that is mirrored. Of an image that is not mirrored it counts, and
     * so it does if the cluster does not say whether the image is.
     *
     * <p>The price: a QEMU or any other client on such a host is taken for the daemon, so that its
     * use of a mirrored image is not seen, before an attach, after one and after a detach. Name
     * hosts that run no domains, by single addresses where possible. The address is the one that
     * the client has told Ceph (in {@code rbd status}): behind NAT it is not the one that the
     * network shows.
     *
     * @param cluster the cluster, which has a login by the time that the probe is built
     * @param addresses addresses and networks: {@code 192.0.2.7}, {@code 192.0.2.0/24}, {@code
     *     2001:db8::/64}; added to those that were named before
     * @throws IllegalArgumentException if one is neither, or is the network of all addresses
     */
    public Builder mirrorDaemonsAt(String cluster, Collection<String> addresses) {
      List<ClientNetwork> parsed = addresses.stream().map(ClientNetwork::parse).toList();
      mirrorHosts.computeIfAbsent(cluster, name -> new ArrayList<>()).addAll(parsed);
      return this;
    }

    /**
     * The probe. Connects when it is asked first.
     *
     * @throws IllegalArgumentException if mirror daemons were named of a cluster without a login
     */
    public RbdProbe build() {
      return build(new NativeCeph(Duration.ofSeconds(NATIVE_SECONDS)));
    }

    /** With another Ceph, for tests. */
    RbdProbe build(CephClient client) {
      mirrorHosts.keySet().stream()
          .filter(name -> !logins.containsKey(name))
          .findFirst()
          .ifPresent(
              name -> {
                throw new IllegalArgumentException(
                    "mirror daemons are named of the cluster " + name + ", which has no login");
              });
      return new RbdProbe(this, client);
    }
  }
}
