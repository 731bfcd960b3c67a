// SPDX-License-Identifier: Apache-2.0
package io.diskplug.spi;

import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.StorageSource;
import io.diskplug.domain.VolumeRef;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Asks a storage about volumes, from the host that this process runs on: what it says holds for
 * that host, and for QEMU as far as QEMU runs there. The library asks before it lets QEMU open a
 * volume, because QEMU waits for a storage that does not answer for minutes, and the domain with
 * it. Where the storage's word is the proof that a volume was released, it asks after a detach,
 * too.
 *
 * <p>Implementations are safe for use by several threads. No finding, exception or log shows a
 * secret.
 */
public interface StorageProbe extends AutoCloseable {

  /**
   * Whether this probe is the one to ask about a disk. Called in the domain's turn: must not block.
   *
   * @param disk the disk
   */
  boolean answersFor(DiskSource disk);

  /**
   * Whether a disk that the domain does not have can be attached: the storage answers, the
   * credentials are good, the volume exists, QEMU can open it, and no other client uses it unless
   * the disk is shareable.
   *
   * <p>Blocks for the budget at most. The caller does not wait for longer whatever happens; a call
   * that does not return costs a thread.
   *
   * @param disk the disk
   * @param budget how long it may take; positive
   */
  Finding beforeAttach(DiskSource disk, Duration budget);

  /**
   * Whether only the domain that the disk was just attached to uses it. Two hosts that attach at
   * the same moment see each other here.
   *
   * @param disk the disk, which one domain has
   * @param budget how long it may take; positive
   * @return {@link Ready}, where the storage cannot tell, as if it is not overridden
   */
  default Finding afterAttach(DiskSource disk, Duration budget) {
    return new Ready(OptionalLong.empty());
  }

  /**
   * Whether this probe is the one to ask about a volume of which no more is known: a detach and a
   * growth know nothing else of it. Called in the domain's turn: must not block.
   *
   * @param volume the volume
   * @return false, unless it is overridden together with {@link #afterDetach} and {@link #sizeOf}
   */
  default boolean answersFor(VolumeRef volume) {
    return false;
  }

  /**
   * Whether no client has a volume open that no view of its domain shows any more. Asked if a
   * detach has to see that ({@link io.diskplug.outcome.Proof#STORAGE}), again and again as long as
   * a client has; also where the proof of a detach would be weaker than QEMU's answer, for two
   * seconds at most. Never asked for a volume that the probe does not answer for.
   *
   * <p>Blocks for the budget at most, as {@link #beforeAttach} does. It must be an answer of the
   * storage of now: what was seen before, or is not known, is no proof.
   *
   * @param volume the volume
   * @param budget how long it may take; positive
   * @return {@link Ready} if no client has it open; {@link Reason#IN_USE} if any client has; {@link
   *     Reason#NOT_FOUND} if there is no volume of this name, so that nothing can be known of it:
   *     the detach then has the proof that it has without the storage, and is rejected if that is
   *     weaker than the required one; any other reason if it is not known
   */
  default Finding afterDetach(VolumeRef volume, Duration budget) {
    return new Refused(Reason.CANNOT_ASK, "the probe cannot say who has a volume open");
  }

  /**
   * Whether any client has a volume open, those included that {@link #afterDetach} leaves out.
   * Asked by an inspection, of a volume that a running domain has: that no client has it open means
   * that the domain is cut off from it.
   *
   * <p>Blocks for the budget at most, as {@link #beforeAttach} does.
   *
   * @param volume the volume
   * @param budget how long it may take; positive
   * @return as {@link #afterDetach}, which is asked unless this is overridden; {@link
   *     Reason#NOT_PRIMARY} if writes to it fail because it follows another volume
   */
  default Finding anyClient(VolumeRef volume, Duration budget) {
    return afterDetach(volume, budget);
  }

  /**
   * How large a volume is by now. Asked before QEMU is told a size ({@link
   * io.diskplug.DiskPlug#grow}), never for a volume that the probe does not answer for: libvirt
   * knows no more than QEMU does, and cuts off what the volume has grown by since.
   *
   * <p>Blocks for the budget at most, as {@link #beforeAttach} does.
   *
   * @param volume the volume, which a domain has
   * @param budget how long it may take; positive
   * @return {@link Ready} with its size, or without, if the storage cannot tell; {@link Refused} if
   *     it is not known: the volume is not grown then, as it is not attached after {@link
   *     #beforeAttach}
   */
  default Finding sizeOf(VolumeRef volume, Duration budget) {
    return new Ready(OptionalLong.empty());
  }

  /**
   * Which volume a disk is that a domain has, so that an inspection can ask {@link #anyClient}
   * whether it is open. XML does not show what tells one cluster from another; the alias of a disk
   * of this library does ({@link SourceIdentity#alias()}). Called in the domain's turn: must not
   * block.
   *
   * @param source the source of the disk, as the XML shows it
   * @param alias the alias that this library has given to the disk
   * @return the volume's identity, if this probe knows it and can say who has it open; empty if it
   *     is not overridden
   */
  default Optional<SourceIdentity> identityOf(StorageSource source, String alias) {
    return Optional.empty();
  }

  /** Closes what is kept open to the storage: nothing by default. Waits for no call under way. */
  @Override
  default void close() {}

  /** What a storage says of a volume. */
  sealed interface Finding {}

  /**
   * It can be used.
   *
   * @param sizeBytes its size in bytes, if it was asked for
   */
  record Ready(OptionalLong sizeBytes) implements Finding {}

  /**
   * It is not to be used.
   *
   * @param reason why, for a program
   * @param explanation why, for a person: what was asked for, where, and what it answered
   */
  record Refused(Reason reason, String explanation) implements Finding {}

  /** Why a volume is not to be used. */
  enum Reason {
    /** The storage does not answer in time, or refuses connections. It may be back soon. */
    UNREACHABLE,
    /** Another client uses it. One that was killed counts for half a minute more, in Ceph. */
    IN_USE,
    /** There is no such pool, namespace, image, target or LUN. */
    NOT_FOUND,
    /** The storage does not accept the credentials, or they do not allow the use. */
    ACCESS_DENIED,
    /** It has what QEMU cannot open: a feature, a size. */
    UNSUPPORTED,
    /**
     * It follows another volume by mirroring, and takes no writes before it is promoted. It may be
     * unreadable as well.
     */
    NOT_PRIMARY,
    /**
     * It is not known. The question failed for a cause that may pass or is not understood: the
     * supplier of the probe's credential does not answer, the storage's library has no memory, or
     * returns an unknown error. Or the answer does not tell what was asked.
     */
    NOT_KNOWN,
    /**
     * This probe cannot ask, and will not be able to before it, its host or its login is changed: a
     * native library, a file or a credential of its own is missing, or it was closed.
     */
    CANNOT_ASK
  }
}
