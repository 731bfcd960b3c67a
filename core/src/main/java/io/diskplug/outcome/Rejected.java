// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import java.util.List;

/**
 * It will not work until something changes.
 *
 * @param reason why, for a program
 * @param explanation why, for a person: names the field, the holder or the object concerned
 * @param differences for {@link Reason#CONFLICT}, the fields that differ, where fields differ
 * @param observed what was read
 */
public record Rejected(
    Reason reason, String explanation, List<Difference> differences, Observation observed)
    implements NotDone {

  /** Copies the list. */
  public Rejected {
    differences = List.copyOf(differences);
  }

  /** Why. */
  public enum Reason {
    /** The volume or its place is in use in another way than asked for. */
    CONFLICT,
    /** No target dev or address is free. */
    NO_ROOM,
    /** The image, LUN or file does not exist. */
    VOLUME_NOT_FOUND,
    /**
     * The volume is mirrored, and the other site's copy is the one to write to: QEMU would open it,
     * and each write would fail. It can be attached when it was promoted.
     */
    NOT_PRIMARY,
    /** The storage refuses the credentials, or the libvirt secret is missing. */
    ACCESS_DENIED,
    /** The daemon knows no such domain. It may be undefined or on another host: proves nothing. */
    DOMAIN_NOT_FOUND,
    /** The domain has no disk with this source. */
    NOT_ATTACHED,
    /** A managed-save image holds the disks that the domain had; starting would bring them back. */
    MANAGED_SAVE,
    /**
     * The domain is shut off because it was saved to a file ({@code virsh save}), which holds the
     * disks that it had. The daemon does not know where the file is, nor whether it still exists.
     * {@link Waiver#SAVED_STATE} overrides it.
     */
    SAVED,
    /**
     * The domain was migrated to another host, whose QEMU has its disks, or a post-copy migration
     * has failed half-way. {@link Waiver#MIGRATION} overrides it.
     */
    MIGRATED,
    /** The disk has the volume's alias and another source: a snapshot or block copy was pivoted. */
    SOURCE_CHANGED,
    /**
     * The storage cannot be asked from here, as a probe was to do: a library or a credential of the
     * probe is missing. Without a probe the disk may well be attached.
     */
    CANNOT_ASK_STORAGE,
    /**
     * The proof that {@link io.diskplug.Options#withRequiredProof} demands cannot be had. If no
     * probe answers for the volume, this is said before anything is changed. If the storage turns
     * out to have no volume of this name, no view has the disk any more, and a client may have it
     * open under another name.
     */
    PROOF_UNAVAILABLE,
    /**
     * The volume may be larger than it is to grow to, which would cut off what it has beyond: the
     * storage was not asked for its size, or could not tell. {@link Waiver#UNKNOWN_SIZE} overrides
     * it.
     */
    SIZE_UNKNOWN,
    /**
     * The volume is of a kind of storage that this process knows nothing of: the module of its
     * backend is not on the class path, or its {@code StorageKind} was not given to {@code
     * Options.withStorageKinds}. libvirt was not asked, and nothing was changed.
     */
    STORAGE_KIND_UNKNOWN,
    /**
     * The host of the domain lacks what the disk needs: a block driver of QEMU or a file, or a part
     * of libvirt does not run there.
     */
    HOST_INCOMPLETE,
    /** libvirt or QEMU cannot do what was asked. */
    BAD_REQUEST
  }

  @Override
  public Kind kind() {
    return Kind.NEVER;
  }
}
