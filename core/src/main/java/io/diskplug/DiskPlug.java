// SPDX-License-Identifier: Apache-2.0
package io.diskplug;

import io.diskplug.disk.IoTune;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.exec.Executor;
import io.diskplug.internal.exec.RequestHandle;
import io.diskplug.internal.fault.FaultClassifier;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.kind.StorageKinds;
import io.diskplug.internal.libvirt.LibvirtHypervisor;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.secret.DaemonSecrets;
import io.diskplug.internal.secret.SecretRequests;
import io.diskplug.outcome.AdoptOutcome;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.ChangeOutcome;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.InspectOutcome;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.PlanOutcome;
import io.diskplug.outcome.RepairOutcome;
import io.diskplug.outcome.RepairPolicy;
import io.diskplug.outcome.Waiver;
import io.diskplug.secret.Secrets;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.Hypervisor;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  private static final Logger log = LoggerFactory.getLogger(DiskPlug.class);

  /**
   * How many calls of this process are under way at a daemon, those that hang included: libvirtd
   * has 20 workers for all its clients ({@code max_workers}).
   */
  private static final int WORKERS = 12;

  private final HypervisorPort hypervisor;
  private final Executor executor;
  private final SecretRequests secretRequests;
  private final Secrets secrets;

  private DiskPlug(
      HypervisorPort hypervisor, Options options, StorageKinds kinds, Scheduler scheduler) {
    this.hypervisor = hypervisor;
    this.secretRequests = new SecretRequests(FaultClassifier.standard(), scheduler, new Random());
    this.secrets = new DaemonSecrets(hypervisor, secretRequests);
    this.executor =
        new Executor(
            hypervisor,
            FaultClassifier.with(kinds::condition),
            kinds,
            options.releaseProof(),
            options.storage(),
            scheduler,
            // What is drawn first signs the marks of this process. Random seeds itself from the
            // time since the host was booted, which two hosts may share.
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
    return logged("attach", disk.volume(), executor.attach(domain, disk, deadline).await());
  }

  /**
   * Attaches a disk as {@link #attach} does, without blocking.
   *
   * <p>The future is completed with an outcome, and exceptionally only by a mistake in a part that
   * the caller has brought. What depends on it runs in the common pool. Cancelling it ends the
   * request before its next call to libvirt; a call that was sent takes its course, and the same
   * request made again finds out what became of it.
   *
   * @param domain the domain
   * @param disk the disk
   * @param deadline how long it may take, from now; positive
   * @throws IllegalArgumentException as {@link #attach}
   */
  public CompletableFuture<AttachOutcome> attachAsync(
      DomainRef domain, DiskSource disk, Duration deadline) {
    return logged("attach", disk.volume(), executor.attach(domain, disk, deadline).future());
  }

  /**
   * Attaches several disks to one domain, one after the other in the order given, each as {@link
   * #attach} does: one that fails takes nothing from those behind it. Blocks until each has its
   * outcome, at most until the deadline. To know beforehand whether all have room, {@link #plan}.
   *
   * @param domain the domain
   * @param disks the disks
   * @param deadline how long they may take together, from now; positive
   * @return one outcome for each disk, in the same order
   * @throws IllegalArgumentException if the deadline is not positive, or a disk's source is not
   *     that of its volume; then none is attached
   */
  public List<AttachOutcome> attachAll(
      DomainRef domain, List<? extends DiskSource> disks, Duration deadline) {
    List<RequestHandle<AttachOutcome>> submitted = executor.attachAll(domain, disks, deadline);
    List<AttachOutcome> outcomes = new ArrayList<>(disks.size());
    for (int i = 0; i < submitted.size(); i++) {
      outcomes.add(logged("attach", disks.get(i).volume(), submitted.get(i).await()));
    }
    return List.copyOf(outcomes);
  }

  /**
   * Detaches a volume from every view of the domain, and waits until neither view nor QEMU has it,
   * or for the proof that {@link Options#withReleaseProof} names. Blocks until there is an outcome,
   * at most until the deadline.
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
    return logged("detach", volume, executor.detach(domain, volume, deadline).await());
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
    return logged("detach", volume, executor.detach(domain, volume, deadline).future());
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
    DomainRef domain =
        pending.observed().domain().map(DomainRef::uuid).orElse(pending.observed().asked());
    return detach(domain, pending.volume(), deadline);
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
    PlanOutcome outcome = executor.plan(domain, disks, deadline).await();
    log.debug("plan of {} disks: {}", disks.size(), outcome);
    return outcome;
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
    InspectOutcome outcome = executor.inspect(domain, deadline).await();
    log.debug("inspect: {}", outcome);
    return outcome;
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
    RepairOutcome outcome = executor.repair(domain, policy, deadline).await();
    log.debug("repair: {}", outcome);
    return outcome;
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
  public AdoptOutcome adopt(DomainRef domain, VolumeRef volume, Duration deadline) {
    AdoptOutcome outcome = executor.adopt(domain, volume, deadline).await();
    log.debug("adopt {}: {}", volume.id(), outcome);
    return outcome;
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
    return logged("limit", volume, executor.limit(domain, volume, limits, deadline).await());
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
   * the domain is left alone until the storage has answered. <strong>Without a probe</strong> a
   * size below that of the image in Ceph cuts it off.
   *
   * @param domain the domain
   * @param volume the volume
   * @param sizeBytes its new size in bytes, a positive multiple of 512
   * @param deadline how long it may take, from now; positive
   * @throws IllegalArgumentException if the deadline is not positive, or the size not a positive
   *     multiple of 512
   */
  public ChangeOutcome grow(DomainRef domain, VolumeRef volume, long sizeBytes, Duration deadline) {
    return logged("grow", volume, executor.grow(domain, volume, sizeBytes, deadline).await());
  }

  /**
   * Takes no more requests and closes the connection. Requests under way end with {@code
   * Unavailable} or {@code Indeterminate}, those about secrets with {@code CLOSED}; a call that
   * libvirt does not return from is abandoned on its daemon thread.
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

  private static <O extends Outcome> O logged(String what, VolumeRef volume, O outcome) {
    log.debug("{} {}: {}", what, volume.id(), outcome);
    return outcome;
  }

  /** The same future, so that cancelling it reaches the request. */
  private static <O extends Outcome> CompletableFuture<O> logged(
      String what, VolumeRef volume, CompletableFuture<O> future) {
    CompletableFuture<O> unused =
        future.whenComplete(
            (outcome, problem) -> {
              if (outcome != null) {
                logged(what, volume, outcome);
              }
            });
    return future;
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
