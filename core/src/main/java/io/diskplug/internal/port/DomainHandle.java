// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.port;

import io.diskplug.disk.IoTune;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.fault.ErrorCode;
import io.diskplug.internal.fault.FaultException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One domain of a {@link HypervisorPort}. Holds no native resource; every call may block for as
 * long as the daemon likes, and is bounded by the executor.
 *
 * <p>A call that fails may have had its effect all the same.
 */
public interface DomainHandle {

  /** The domain's UUID. */
  UUID uuid();

  /** The domain's name when it was looked up. */
  String name();

  /**
   * What the domain is doing now ({@code virDomainGetState}, {@code virDomainHasManagedSaveImage},
   * {@code virDomainSnapshotNum}).
   *
   * @throws FaultException if the daemon cannot say
   */
  DomainStatus status() throws FaultException;

  /**
   * Which run of the domain this is: the id in {@link #status}, for a caller that needs nothing
   * else of it ({@code virDomainGetID}). Where it costs less than a status, it should be
   * overridden.
   *
   * @return empty if the domain is shut off
   * @throws FaultException if the daemon cannot say
   */
  default OptionalInt run() throws FaultException {
    DomainStatus status = status();
    return status.active() ? OptionalInt.of(status.id()) : OptionalInt.empty();
  }

  /**
   * What the daemon does differently from others, as the connection told that was opened last. Does
   * not block.
   *
   * @return {@link DaemonFacts#UNKNOWN} where nothing is known, as here
   */
  default DaemonFacts daemon() {
    return DaemonFacts.UNKNOWN;
  }

  /**
   * What the daemon does with the domain for some client ({@code virDomainGetControlInfo}; where
   * {@link DaemonFacts#readingTakesJob} holds {@code virDomainGetState}, too, for a domain that is
   * being started). Neither takes the domain's job, so the answer comes at once whatever QEMU and
   * the guest do.
   *
   * @throws FaultException if the daemon cannot say
   */
  ControlState control() throws FaultException;

  /**
   * The target devs of the live view, for a domain whose XML cannot be read because its job is
   * taken ({@code virDomainListGetStats} with {@code VIR_DOMAIN_STATS_BLOCK} and {@code NOWAIT},
   * which does not wait for it).
   *
   * @return empty if the domain is shut off
   * @throws FaultException if the daemon cannot say; this implementation cannot
   */
  default List<String> targetDevs() throws FaultException {
    throw notSupported(Call.READ_STATS);
  }

  /**
   * The job that keeps changes of the domain waiting until it ends: a migration, a dump, a save, a
   * snapshot ({@code virDomainGetJobStats}). A backup is none, for libvirt makes changes meanwhile.
   * libvirt takes a job of its own for this question: it waits behind a call that changes the
   * domain, and not behind such a long job.
   *
   * @return the job in words; empty if there is none, or the hypervisor does not tell
   * @throws FaultException if the daemon cannot say
   */
  default Optional<String> longJob() throws FaultException {
    return Optional.empty();
  }

  /**
   * The definition of a storage pool of the domain's daemon ({@code virStoragePoolGetXMLDesc}),
   * which says what the volumes are that disks name by the pool. It is asked for only where a disk
   * does.
   *
   * @param pool the name of the pool
   * @param atMost how long the answer may take, whatever the storage does; positive. What takes
   *     longer is a fault.
   * @throws FaultException if there is no such pool, or the daemon cannot say; this implementation
   *     cannot
   */
  default String storagePoolXml(String pool, Duration atMost) throws FaultException {
    throw new FaultException(
        new LibvirtFault(
            Call.READ_POOL, ErrorCode.NO_SUPPORT, 0, name() + " gives no access to storage pools"));
  }

  /**
   * The XML of one view ({@code virDomainGetXMLDesc}).
   *
   * @param view which view. {@link View#LIVE} names the run of the domain in the attribute {@code
   *     id} of its root; for a domain that is shut off libvirt answers with the persistent view,
   *     which names none. For a transient domain the persistent view is what the live one was made
   *     of, and means nothing.
   * @throws FaultException if the daemon cannot say
   */
  String xml(View view) throws FaultException;

  /**
   * Attaches a device ({@code virDomainAttachDeviceFlags}).
   *
   * @param deviceXml the device
   * @param scope the views to change
   * @throws FaultException if libvirt reports an error
   */
  void attachDevice(String deviceXml, Set<View> scope) throws FaultException;

  /**
   * Replaces the definition of the device that has the target dev of the given XML ({@code
   * virDomainUpdateDeviceFlags}).
   *
   * @param deviceXml the device
   * @param scope the views to change
   * @throws FaultException if libvirt reports an error
   */
  void updateDevice(String deviceXml, Set<View> scope) throws FaultException;

  /**
   * Detaches the device that has the target dev of the given XML, whatever its source ({@code
   * virDomainDetachDeviceFlags}). In the live view this waits up to some seconds for the guest and
   * then reports success even if the guest still has the device.
   *
   * @param deviceXml the device
   * @param scope the views to change
   * @throws FaultException if libvirt reports an error
   */
  void detachDevice(String deviceXml, Set<View> scope) throws FaultException;

  /**
   * Asks for the device with the given alias to be detached, and returns at once ({@code
   * virDomainDetachDeviceAlias}). The persistent view is changed immediately; the live one when the
   * guest has released the device.
   *
   * @param alias the alias
   * @param scope the views to change
   * @throws FaultException if libvirt reports an error
   */
  void detachDeviceByAlias(String alias, Set<View> scope) throws FaultException;

  private static FaultException notSupported(Call call) {
    return new FaultException(
        new LibvirtFault(call, ErrorCode.NO_SUPPORT, 0, "this hypervisor cannot do it: " + call));
  }

  /**
   * Sets the limits of a disk, all of them ({@code virDomainSetBlockIoTune}): what is not limited
   * any more is unlimited. A group that the disk was in it leaves only with its last limit, or for
   * another group.
   *
   * @param targetDev the target dev of the disk, which has to be the same in both views if both are
   *     changed
   * @param limits the limits
   * @param scope the views to change
   * @throws FaultException if libvirt reports an error
   */
  default void setLimits(String targetDev, IoTune limits, Set<View> scope) throws FaultException {
    throw notSupported(Call.SET_LIMITS);
  }

  /**
   * How large a disk of the live view is ({@code virDomainGetBlockInfo}).
   *
   * @param targetDev the target dev of the disk
   * @throws FaultException if libvirt reports an error
   */
  default DiskSize size(String targetDev) throws FaultException {
    throw notSupported(Call.READ_SIZE);
  }

  /**
   * How large a disk is.
   *
   * @param guestBytes what QEMU shows to the guest, in bytes
   * @param storageBytes what libvirt sees of the file or block device that it lies on, in bytes;
   *     for other storage the same as what QEMU shows
   */
  record DiskSize(long guestBytes, long storageBytes) {}

  /**
   * Makes a disk of the live view larger or smaller ({@code virDomainBlockResize}): the storage, if
   * QEMU's driver for it can, and what the guest sees. It cuts off what is beyond the new size.
   *
   * @param targetDev the target dev of the disk
   * @param bytes the new size in bytes
   * @throws FaultException if libvirt reports an error
   */
  default void resize(String targetDev, long bytes) throws FaultException {
    throw notSupported(Call.RESIZE);
  }

  /**
   * Notes something in the domain, in its live metadata alone ({@code virDomainSetMetadata}). The
   * note ends when the domain is shut off; a save, a restore and a migration keep it. What was
   * noted under the namespace before is replaced.
   *
   * @param namespace the namespace, a URI
   * @param element an element without a prefix, or null to take the note away
   * @throws FaultException if libvirt reports an error
   */
  void note(String namespace, @Nullable String element) throws FaultException;

  /**
   * Sends a command to QEMU's monitor, in its turn among the domain's jobs, and returns its answer
   * ({@code virDomainQemuMonitorCommand}). libvirt marks the domain as tainted. The answer can name
   * things that do not belong in a log.
   *
   * @param command a QMP command, as JSON
   * @throws FaultException if libvirt or QEMU reports an error, or the daemon forbids it
   */
  String askQemu(String command) throws FaultException;

  /**
   * {@code virConnectDomainEventRegisterAny}: calls the signal whenever something happens to a
   * device of this domain or to the domain itself: device removed, removal failed, started,
   * stopped. Events can be late, lost or doubled: a signal is a reason to look, and proves nothing.
   * Does not block and does not fail: where there are no events, or not yet again, the executor
   * looks from time to time.
   *
   * @param signal called on any thread; must not block
   * @return closes the subscription
   */
  Subscription subscribe(Runnable signal);

  /** An open subscription. */
  interface Subscription extends AutoCloseable {
    /** Ends it. Does not block and does not fail. */
    @Override
    void close();
  }
}
