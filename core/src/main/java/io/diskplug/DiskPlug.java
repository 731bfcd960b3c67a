// SPDX-License-Identifier: Apache-2.0
package io.diskplug;

import io.diskplug.disk.IoTune;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.exec.Executor;
import io.diskplug.internal.fault.FaultClassifier;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.kind.StorageKinds;
import io.diskplug.internal.libvirt.LibvirtHypervisor;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.secret.DaemonSecrets;
import io.diskplug.internal.secret.SecretRequests;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.ChangeOutcome;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.InspectOutcome;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.PlanOutcome;
import io.diskplug.outcome.RepairOutcome;
import io.diskplug.outcome.RepairPolicy;
import io.diskplug.outcome.VolumeUses;
import io.diskplug.outcome.Waiver;
import io.diskplug.secret.Secrets;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.Hypervisor;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * Attaches and detaches disks of the domains of one libvirt daemon, and says beforehand what it
 * would do.
 *
 * <p>Every call looks at what is, does what is missing, and answers only with what it has read
 * back. So every call may be repeated, from any process, after any failure: it converges.
 *
 * <p>Safe for use by several threads. One instance serves all the domains of a daemon: calls on one
 * domain take turns, calls on different domains run side by side.
 */
public final class DiskPlug implements AutoCloseable {

  /**
   * How many calls of this process are under way at a daemon, those that hang included: libvirtd
   * has 20 workers for all its clients ({@code max_workers}).
   */
  private static final int WORKERS = 12;

  private final HypervisorPort hypervisor;
  private final Executor executor;
  private final java.util.concurrent.Executor completions;
  private final SecretRequests secretRequests;
  private final Secrets secrets;

  private DiskPlug(
      HypervisorPort hypervisor, Options options, StorageKinds kinds, Scheduler scheduler) {
    this.hypervisor = hypervisor;
    this.secretRequests = new SecretRequests(FaultClassifier.standard(), scheduler, new Random());
    this.secrets = new DaemonSecrets(hypervisor, secretRequests);
    this.completions = options.completionExecutor();
    this.executor =
        new Executor(
            hypervisor,
            FaultClassifier.with(kinds::condition),
            kinds,
            options.releaseRules(),
            options.storage(),
            scheduler,
            // The first number that is drawn identifies this process in leases and annotations.
            // Random seeds itself from the time since the host was booted, which two hosts may
            // share.
            new SecureRandom(),
            options.listening());
  }

  /**
   * Connects to a daemon, with {@link Options#defaults()}.
   *
   * @param uri a libvirt connection URI of the QEMU driver, for example {@code qemu:///system}
   * @throws IllegalArgumentException if it is not one
   * @throws IllegalStateException if an installed storage kind cannot be loaded, or two of them are
   *     for the same storage
   * @throws ConnectionFailedException if the daemon cannot be reached
   * @throws UnsatisfiedLinkError if libvirt's client library is not installed
   */
  public static DiskPlug connect(String uri) {
    return connect(uri, Options.defaults());
  }

  /**
   * Connects to a daemon ({@code virConnectOpenAuth}). Blocks for as long as libvirt takes for
   * that, at most until {@link Options#withConnectDeadline}.
   *
   * @param uri a libvirt connection URI of the QEMU driver, for example {@code qemu:///system}
   * @param options how to work
   * @throws IllegalArgumentException if the URI is not one
   * @throws IllegalStateException if an installed storage kind cannot be loaded, or two of them are
   *     for the same storage
   * @throws ConnectionFailedException if the daemon cannot be reached
   * @throws UnsatisfiedLinkError if libvirt's client library is not installed
   */
  public static DiskPlug connect(String uri, Options options) {
    requireQemu(uri);
    StorageKinds kinds = options.kinds();
    try {
      HypervisorPort hypervisor =
          LibvirtHypervisor.connect(uri, configuration(options), options.connectDeadline());
      return new DiskPlug(hypervisor, options, kinds, Scheduler.sharedThreads(uri, WORKERS));
    } catch (FaultException e) {
      throw new ConnectionFailedException(uri, e);
    }
  }

  /**
   * Works on a simulated hypervisor, for tests.
   *
   * @param hypervisor the hypervisor; closed together with the result
   * @param options how to work; what concerns libvirt in this process has no meaning here
   * @throws IllegalArgumentException if the hypervisor is not one of this library's
   * @throws IllegalStateException as {@link #connect(String, Options)}
   */
  public static DiskPlug on(Hypervisor hypervisor, Options options) {
    if (!(hypervisor instanceof HypervisorPort port)) {
      throw new IllegalArgumentException(
          "only a hypervisor of this library can be worked on: " + hypervisor);
    }
    return new DiskPlug(port, options, options.kinds(), Scheduler.threads(WORKERS));
  }

  private DiskPlug(DiskPlug same, Executor executor) {
    this.hypervisor = same.hypervisor;
    this.executor = executor;
    this.completions = same.completions;
    this.secretRequests = same.secretRequests;
    this.secrets = same.secrets;
  }

  /**
   * The same connection, for requests that waive something, besides what this instance waives: each
   * {@link Waiver} says what is served then. Costs nothing, and need not be closed: either is
   * closed together with the other.
   *
   * @param first what is waived
   * @param more what else is waived
   */
  public DiskPlug waiving(Waiver first, Waiver... more) {
    return new DiskPlug(this, executor.waiving(EnumSet.of(first, more)));
  }

  private static LibvirtHypervisor.Configuration configuration(Options options) {
    return new LibvirtHypervisor.Configuration(
        options.quiet(),
        options.eventLoop() == EventLoop.OWN,
        options.eventLoop() != EventLoop.NONE);
  }

  /**
   * Attaches a disk ({@code virDomainAttachDeviceFlags}): in both views of a running domain, in the
   * one view that a shut off or a transient domain has. Blocks until there is an outcome, at most
   * until the deadline.
   *
   * <p>An interrupt ends the wait with {@code Indeterminate} if a change was asked for, else with
   * {@code Unavailable}, and leaves the thread's interrupt status set; a call that was sent to
   * libvirt takes its course.
   *
   * @param domain the domain
   * @param disk the disk
   * @param deadline how long it may take, from now; positive
   * @throws IllegalArgumentException if the deadline is not positive, the disk's source is not that
   *     of its volume, or a serial of the caller's is longer than the bus shows
   */
  public AttachOutcome attach(DomainRef domain, DiskSource disk, Duration deadline) {
    return executor.attach(domain, disk, deadline).await();
  }

  /**
   * Attaches a disk as {@link #attach} does, without blocking.
   *
   * <p>The future is completed with an outcome, and exceptionally only by a mistake in a part that
   * the caller has brought, with that exception. It is completed on the executor that {@link
   * Options#withCompletionExecutor} names. Cancelling it ends the request before its next call to
   * libvirt; a call that was sent takes its course, and the same request made again finds out what
   * became of it. All {@code …Async} methods are so.
   *
   * @param domain the domain
   * @param disk the disk
   * @param deadline how long it may take, from now; positive
   * @throws IllegalArgumentException as {@link #attach}
   */
  public CompletableFuture<AttachOutcome> attachAsync(
      DomainRef domain, DiskSource disk, Duration deadline) {
    return executor.attach(domain, disk, deadline).future(completions);
  }

  /**
   * Attaches several disks to one domain, one after the other in the order given, each as {@link
   * #attach} does: one that fails takes nothing from those behind it. Blocks until each has its
   * outcome, at most until the deadline. To know beforehand whether all have room, {@link #plan}.
   *
   * <p>At most 64 requests wait for one domain: of a longer list those at its end may be {@code
   * Unavailable(LANE_BUSY)}. An interrupt ends all that have no outcome yet, as it does for {@link
   * #attach}.
   *
   * @param domain the domain
   * @param disks the disks; none, for an empty list
   * @param deadline how long they may take together, from now; positive
   * @return one outcome for each disk, in the same order
   * @throws IllegalArgumentException if the deadline is not positive, or a disk's source is not
   *     that of its volume; then none is attached
   * @throws NullPointerException if a disk is null; then none is attached
   */
  public List<AttachOutcome> attachAll(
      DomainRef domain, List<? extends DiskSource> disks, Duration deadline) {
    return executor.attachAll(domain, disks, deadline).await();
  }

  /**
   * Attaches several disks as {@link #attachAll} does, without blocking. The future, as that of
   * {@link #attachAsync}, is completed when each disk has its outcome; cancelling it ends all
   * requests that have none yet.
   *
   * @param domain the domain
   * @param disks the disks; none, for an empty list
   * @param deadline how long they may take together, from now; positive
   * @throws IllegalArgumentException as {@link #attachAll}
   * @throws NullPointerException as {@link #attachAll}
   */
  public CompletableFuture<List<AttachOutcome>> attachAllAsync(
      DomainRef domain, List<? extends DiskSource> disks, Duration deadline) {
    return executor.attachAll(domain, disks, deadline).future(completions);
  }

  /**
   * Detaches a volume from every view of the domain, and waits until neither view nor QEMU has it,
   * or for the proof that {@link Options#withRequiredProof} names. Blocks until there is an
   * outcome, at most until the deadline.
   *
   * <p>Only after {@code Detached} or {@code AlreadyDetached} may the volume be unmapped,
   * unexported, deleted or attached elsewhere. After any other outcome take it for in use; after
   * {@code Pending} it is, and calling again goes on with it.
   *
   * <p>An interrupt ends the wait with {@code Indeterminate} if a change was asked for, else with
   * {@code Unavailable}, and leaves the thread's interrupt status set; an unplug that was requested
   * takes its course.
   *
   * @param domain the domain
   * @param volume the volume
   * @param deadline how long it may take, from now; positive
   * @throws IllegalArgumentException if the deadline is not positive
   */
  public DetachOutcome detach(DomainRef domain, VolumeRef volume, Duration deadline) {
    return executor.detach(domain, volume, deadline).await();
  }

  /**
   * Detaches a volume as {@link #detach} does, without blocking; the future is as that of {@link
   * #attachAsync}.
   *
   * @param domain the domain
   * @param volume the volume
   * @param deadline how long it may take, from now; positive
   * @throws IllegalArgumentException if the deadline is not positive
   */
  public CompletableFuture<DetachOutcome> detachAsync(
      DomainRef domain, VolumeRef volume, Duration deadline) {
    return executor.detach(domain, volume, deadline).future(completions);
  }

  /**
   * Detaches several volumes from one domain, each as {@link #detach} does: one that fails, or that
   * the guest keeps, takes nothing from the others. Blocks until each has its outcome, at most
   * until the deadline, which holds for all of them together.
   *
   * <p>They are begun in the order given, and the guest is asked for each as soon as it may be, so
   * that they wait for the guest side by side. That is at once for SCSI disks and wherever hot-plug
   * is native to PCI Express. Where a guest learns of its PCI disks by ACPI, it is asked for one at
   * a time: such disks take as long as the guest takes for one after the other, and one that the
   * guest was not asked for before the deadline is {@code Pending(EARLIER_UNPLUG)}. In the
   * persistent view of a domain that is shut off they are removed one after the other.
   *
   * <p>A volume that is in the list more than once is detached once, and has the same outcome at
   * each of its places. Two volumes with the same source are two. At most 64 requests wait for one
   * domain: of a longer list those at its end may be {@code Unavailable(LANE_BUSY)}.
   *
   * <p>What each outcome allows is said at {@link #detach}, volume by volume: that one is {@code
   * Detached} says nothing of the others. An interrupt ends all that have no outcome yet, as it
   * does for {@link #detach}.
   *
   * @param domain the domain
   * @param volumes the volumes; none, for an empty list
   * @param deadline how long they may take together, from now; positive
   * @return one outcome for each volume, in the same order
   * @throws IllegalArgumentException if the deadline is not positive; then none is detached
   * @throws NullPointerException if a volume is null; then none is detached
   */
  public List<DetachOutcome> detachAll(
      DomainRef domain, List<VolumeRef> volumes, Duration deadline) {
    return executor.detachAll(domain, volumes, deadline).await();
  }

  /**
   * Detaches several volumes as {@link #detachAll} does, without blocking. The future, as that of
   * {@link #attachAsync}, is completed when each volume has its outcome; cancelling it ends all
   * requests that have none yet.
   *
   * @param domain the domain
   * @param volumes the volumes; none, for an empty list
   * @param deadline how long they may take together, from now; positive
   * @throws IllegalArgumentException as {@link #detachAll}
   * @throws NullPointerException as {@link #detachAll}
   */
  public CompletableFuture<List<DetachOutcome>> detachAllAsync(
      DomainRef domain, List<VolumeRef> volumes, Duration deadline) {
    return executor.detachAll(domain, volumes, deadline).future(completions);
  }

  /**
   * Goes on with a detach that was pending: waits until the guest has released the volume, asks it
   * again where it has forgotten. The same as another {@link #detach} of the volume.
   *
   * @param pending the outcome of a detach, of this process or of another
   * @param deadline how long it may take, from now; positive
   * @throws IllegalArgumentException if the deadline is not positive
   */
  public DetachOutcome await(Pending pending, Duration deadline) {
    return detach(domainOf(pending), pending.volume(), deadline);
  }

  /**
   * Goes on with a detach as {@link #await} does, without blocking; the future is as that of {@link
   * #attachAsync}.
   *
   * @param pending the outcome of a detach, of this process or of another
   * @param deadline how long it may take, from now; positive
   * @throws IllegalArgumentException if the deadline is not positive
   */
  public CompletableFuture<DetachOutcome> awaitAsync(Pending pending, Duration deadline) {
    return detachAsync(domainOf(pending), pending.volume(), deadline);
  }

  private static DomainRef domainOf(Pending pending) {
    return pending.observed().domain().map(DomainRef::uuid).orElse(pending.observed().asked());
  }

  /**
   * Says what attaching some disks would do: where each would go and why, what stands in its way,
   * the XML that would be sent; and how many more disks the domain can take. Changes nothing and
   * reserves nothing: it reads status and XML of the domain, and the storage pools that its disks
   * name ({@code virDomainGetState}, {@code virDomainGetXMLDesc}, {@code
   * virStoragePoolGetXMLDesc}), in its turn among the domain's other requests. Blocks until there
   * is an outcome, at most until the deadline.
   *
   * <p>A domain that was saved or migrated away is {@code Rejected} as a whole. An interrupt ends
   * the wait with {@code Unavailable}, and leaves the thread's interrupt status set.
   *
   * @param domain the domain
   * @param disks the disks, each planned as if those before it were attached; none, to ask for the
   *     capacity only
   * @param deadline how long it may take, from now; positive
   * @throws IllegalArgumentException if the deadline is not positive, or a disk's source is not
   *     that of its volume
   */
  public PlanOutcome plan(DomainRef domain, List<? extends DiskSource> disks, Duration deadline) {
    return executor.plan(domain, disks, deadline).await();
  }

  /**
   * Plans as {@link #plan} does, without blocking; the future is as that of {@link #attachAsync}.
   *
   * @param domain the domain
   * @param disks the disks; none, to ask for the capacity only
   * @param deadline how long it may take, from now; positive
   * @throws IllegalArgumentException as {@link #plan}
   */
  public CompletableFuture<PlanOutcome> planAsync(
      DomainRef domain, List<? extends DiskSource> disks, Duration deadline) {
    return executor.plan(domain, disks, deadline).future(completions);
  }

  /**
   * Says what a domain has: every disk of both views and what QEMU has of it, what the views
   * disagree about, unplug requests that are noted, what interrupted requests have left, what QEMU
   * has and no view explains, and how many more disks there is room for. Changes nothing, but for
   * the taint that libvirt gives a domain whose monitor was used ({@code
   * virDomainQemuMonitorCommand}). Probes are asked about the disks of this library that a running
   * domain has, for two seconds at most together. Blocks until there is an outcome, at most until
   * the deadline.
   *
   * <p>A domain that was saved or migrated away is shown by its persistent view; the disks that the
   * image, the file or the other host's QEMU holds are not in it.
   *
   * <p>It does not wait behind other requests of this library on the domain. If QEMU has not
   * answered a command for a second, it is not asked. A daemon that lets readings of the XML wait,
   * too, then gives a {@link io.diskplug.outcome.PartlyInspected}, about a second after the command
   * was sent.
   *
   * @param domain the domain
   * @param deadline how long it may take, from now; positive
   * @throws IllegalArgumentException if the deadline is not positive
   */
  public InspectOutcome inspect(DomainRef domain, Duration deadline) {
    return executor.inspect(domain, deadline).await();
  }

  /**
   * Inspects as {@link #inspect} does, without blocking; the future is as that of {@link
   * #attachAsync}.
   *
   * @param domain the domain
   * @param deadline how long it may take, from now; positive
   * @throws IllegalArgumentException if the deadline is not positive
   */
  public CompletableFuture<InspectOutcome> inspectAsync(DomainRef domain, Duration deadline) {
    return executor.inspect(domain, deadline).future(completions);
  }

  /**
   * Inspects a domain, and then mends what the policy allows, one step after the other, each
   * verified; a step that waits for the guest has its share of the time. Whatever is to be removed
   * has to be named, as an inspection has shown it, and is left alone if it is not the same any
   * more. Blocks until there is an outcome, at most until the deadline.
   *
   * @param domain the domain
   * @param policy what it may do
   * @param deadline how long it may take, from now; positive
   * @throws IllegalArgumentException if the deadline is not positive
   */
  public RepairOutcome repair(DomainRef domain, RepairPolicy policy, Duration deadline) {
    return executor.repair(domain, policy, deadline).await();
  }

  /**
   * Repairs as {@link #repair} does, without blocking; the future is as that of {@link
   * #attachAsync}. Cancelling it ends the step that is under way, and those behind it.
   *
   * @param domain the domain
   * @param policy what it may do
   * @param deadline how long it may take, from now; positive
   * @throws IllegalArgumentException if the deadline is not positive
   */
  public CompletableFuture<RepairOutcome> repairAsync(
      DomainRef domain, RepairPolicy policy, Duration deadline) {
    return executor.repair(domain, policy, deadline).future(completions);
  }

  /**
   * Takes over a disk that another tool attached, with this source, and with no serial, the
   * volume's id or the serial derived from it. The persistent view gets the volume's alias ({@code
   * virDomainUpdateDeviceFlags}). A disk that only the live view has is added to the persistent
   * view instead, with this alias and at the same place ({@code virDomainAttachDeviceFlags}). From
   * then on {@link #attach} and {@link #detach} know it for the volume's, and libvirt refuses a
   * second disk with this source. Nothing else of the disk is changed, so that the guest finds it
   * as before; a disk without a serial is told in the differences of {@code AlreadyAttached}. A
   * transient domain has no persistent view: {@code Rejected(BAD_REQUEST)}. Blocks until there is
   * an outcome, at most until the deadline.
   *
   * @param domain the domain
   * @param volume the volume that the disk is
   * @param deadline how long it may take, from now; positive
   * @throws IllegalArgumentException if the deadline is not positive
   */
  public ChangeOutcome adopt(DomainRef domain, VolumeRef volume, Duration deadline) {
    return executor.adopt(domain, volume, deadline).await();
  }

  /**
   * Takes over a disk as {@link #adopt} does, without blocking; the future is as that of {@link
   * #attachAsync}.
   *
   * @param domain the domain
   * @param volume the volume that the disk is
   * @param deadline how long it may take, from now; positive
   * @throws IllegalArgumentException if the deadline is not positive
   */
  public CompletableFuture<ChangeOutcome> adoptAsync(
      DomainRef domain, VolumeRef volume, Duration deadline) {
    return executor.adopt(domain, volume, deadline).future(completions);
  }

  /**
   * Says which domains of the daemon have a volume: running, shut off and transient ones, in which
   * view, and as which disk, by the rules by which {@link #detach} knows it. Changes nothing. It
   * lists the domains ({@code virConnectListAllDomains}) and reads status and XML of each, and the
   * storage pools that their disks name ({@code virDomainGetState}, {@code virDomainGetXMLDesc},
   * {@code virStoragePoolGetXMLDesc}), four domains at a time, beside other requests on them. QEMU
   * and the storage are not asked. Blocks until there is an answer, at most until the deadline.
   *
   * <p><strong>That it is found nowhere is no proof that it is not in use</strong>: {@link
   * VolumeUses} says why. Domains with a disk that cannot be told, and those that were saved or
   * migrated away, are in the answer even if no view shows the volume.
   *
   * <p>The answer is partial if it has to be: {@link VolumeUses#unread} has the domains that are
   * busy, whose XML is not understood, whose calls do not return, or that the deadline has left no
   * time for. Each domain has five seconds for its calls. A domain whose call does not return keeps
   * one of the four places, so that four of them end the search. A domain that is gone when it is
   * its turn counts as one that is not there.
   *
   * <p>An interrupt ends it with what was found by then, the other domains {@code
   * Unavailable(INTERRUPTED)}, and leaves the thread's interrupt status set. A listener is not told
   * of it.
   *
   * @param volume the volume
   * @param deadline how long it may take, from now; positive
   * @throws IllegalArgumentException if the deadline is not positive
   */
  public VolumeUses findVolume(VolumeRef volume, Duration deadline) {
    return executor.findVolume(volume, deadline).await();
  }

  /**
   * Looks for a volume as {@link #findVolume} does, without blocking; the future is as that of
   * {@link #attachAsync}. Cancelling it begins with no other domain.
   *
   * @param volume the volume
   * @param deadline how long it may take, from now; positive
   * @throws IllegalArgumentException if the deadline is not positive
   */
  public CompletableFuture<VolumeUses> findVolumeAsync(VolumeRef volume, Duration deadline) {
    return executor.findVolume(volume, deadline).future(completions);
  }

  /** The daemon's secrets: the keys and passwords of its disks. Usable as long as this is open. */
  public Secrets secrets() {
    return secrets;
  }

  /**
   * Sets the limits of an attached disk, those and no others: what they do not limit is unlimited
   * afterwards ({@code virDomainSetBlockIoTune}). In every view that has the disk, each verified;
   * of a group's, libvirt changes all disks. Blocks until there is an outcome, at most until the
   * deadline.
   *
   * <p>A disk that leaves its group and keeps a limit has no limits between the two calls.
   *
   * @param domain the domain
   * @param volume the volume
   * @param limits the limits; {@link IoTune#UNLIMITED} for none
   * @param deadline how long it may take, from now; positive
   * @throws IllegalArgumentException if the deadline is not positive
   */
  public ChangeOutcome limit(DomainRef domain, VolumeRef volume, IoTune limits, Duration deadline) {
    return executor.limit(domain, volume, limits, deadline).await();
  }

  /**
   * Sets limits as {@link #limit} does, without blocking; the future is as that of {@link
   * #attachAsync}.
   *
   * @param domain the domain
   * @param volume the volume
   * @param limits the limits; {@link IoTune#UNLIMITED} for none
   * @param deadline how long it may take, from now; positive
   * @throws IllegalArgumentException if the deadline is not positive
   */
  public CompletableFuture<ChangeOutcome> limitAsync(
      DomainRef domain, VolumeRef volume, IoTune limits, Duration deadline) {
    return executor.limit(domain, volume, limits, deadline).future(completions);
  }

  /**
   * Lets the guest see the size to which a volume has grown ({@code virDomainBlockResize}), and
   * verifies that QEMU shows it. Grow the volume in its storage first: an image of Ceph or a file
   * QEMU would make larger itself, irreversibly; a LUN it cannot. Where the domain does not run
   * there is nothing to be done, as QEMU finds the size when it starts. Blocks until there is an
   * outcome, at most until the deadline.
   *
   * <p>A size below what QEMU shows, or below that of a raw file or block device, is {@code
   * Rejected}. Of an image of Ceph that was grown behind QEMU's back libvirt tells no size: a probe
   * that answers for the volume is asked first, any size but the storage's is {@code Rejected}, and
   * the domain is left alone until the storage has answered. Without a probe that tells the size,
   * an image is {@code Rejected} ({@code SIZE_UNKNOWN}). With {@link Waiver#UNKNOWN_SIZE} it grows,
   * and a size below that of the image in Ceph cuts it off.
   *
   * @param domain the domain
   * @param volume the volume
   * @param sizeBytes its new size in bytes, a positive multiple of 512
   * @param deadline how long it may take, from now; positive
   * @throws IllegalArgumentException if the deadline is not positive, or the size not a positive
   *     multiple of 512
   */
  public ChangeOutcome grow(DomainRef domain, VolumeRef volume, long sizeBytes, Duration deadline) {
    return executor.grow(domain, volume, sizeBytes, deadline).await();
  }

  /**
   * Lets the guest see a size as {@link #grow} does, without blocking; the future is as that of
   * {@link #attachAsync}.
   *
   * @param domain the domain
   * @param volume the volume
   * @param sizeBytes its new size in bytes, a positive multiple of 512
   * @param deadline how long it may take, from now; positive
   * @throws IllegalArgumentException as {@link #grow}
   */
  public CompletableFuture<ChangeOutcome> growAsync(
      DomainRef domain, VolumeRef volume, long sizeBytes, Duration deadline) {
    return executor.grow(domain, volume, sizeBytes, deadline).future(completions);
  }

  /**
   * Takes no more requests and closes the connection. Requests under way end with {@code
   * Unavailable} or {@code Indeterminate}, those about secrets with {@code CLOSED}; a call that
   * libvirt does not return from is abandoned on its daemon thread. Waits until the listener, if
   * there is one, was told of the end of each request, for five seconds at most; on the listener's
   * own thread it does not wait, and the listener is told the rest afterwards. Waits two seconds at
   * most for the daemon to close the connection.
   */
  @Override
  public void close() {
    secretRequests.close();
    executor.close();
    hypervisor.close();
  }

  @Override
  public String toString() {
    return "DiskPlug[" + hypervisor + "]";
  }

  private static void requireQemu(String uri) {
    String scheme;
    try {
      scheme = new URI(uri).getScheme();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("not a libvirt connection URI: \"" + uri + "\"", e);
    }
    // qemu:///system, qemu+tls://host/system, …
    if (scheme == null || !scheme.split("\\+", -1)[0].equals("qemu")) {
      throw new IllegalArgumentException(
          "unsupported connection URI \""
              + uri
              + "\": only the QEMU driver (qemu, qemu+unix,"
              + " qemu+ssh, qemu+tls, …) is supported");
    }
  }
}
