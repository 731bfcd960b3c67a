// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import org.jspecify.annotations.Nullable;

/**
 * Why a demand cannot be met as it was made. Another demand may be.
 *
 * @param reason the kind of reason
 * @param what what is wrong, in words, for example {@code target dev vdb is taken}
 * @param holder who holds what was asked for, and in which view; null if nothing does
 */
public record Refused(Reason reason, String what, @Nullable String holder) implements Allocation {

  /** The kinds of reasons. */
  public enum Reason {
    /** Disks on this bus cannot be plugged while a guest runs: sata, ide, fdc. */
    BUS_NOT_HOT_PLUGGABLE,
    /** This library does not place disks on this bus. */
    BUS_NOT_SUPPORTED,
    /** The alias is none that libvirt keeps: it would drop it and attach the disk all the same. */
    ALIAS_INVALID,
    /** A device has the alias. */
    ALIAS_TAKEN,
    /** The target dev asked for is no name that libvirt accepts. */
    TARGET_INVALID,
    /** A disk has the target dev asked for. */
    TARGET_TAKEN,
    /** The address asked for is not one where a disk can be plugged in every view. */
    ADDRESS_INVALID,
    /** A device has the address asked for, or for a PCI address another function of its slot. */
    ADDRESS_TAKEN
  }

  /** What is wrong, and which device is in the way, if any. */
  @Override
  public String toString() {
    return holder == null ? what : what + ": " + holder;
  }
}
