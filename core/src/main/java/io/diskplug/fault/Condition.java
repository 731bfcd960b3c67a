// SPDX-License-Identifier: Apache-2.0
package io.diskplug.fault;

/** What a fault says has happened, whatever code and words a version of libvirt uses for it. */
public enum Condition {
  /** The domain is not known to this daemon: undefined, or migrated away. */
  DOMAIN_NOT_FOUND,
  /** A live change of a domain that is shut off. */
  DOMAIN_NOT_RUNNING,
  /** A persistent change of a transient domain. */
  DOMAIN_TRANSIENT,
  /** Another job holds the domain. */
  DOMAIN_BUSY,
  /** A block job runs on the disk. */
  BLOCK_JOB_RUNNING,
  /** The target dev is taken. */
  TARGET_TAKEN,
  /** The address is taken. */
  ADDRESS_TAKEN,
  /** The alias is taken: for a user alias of ours, the same source is attached. */
  ALIAS_TAKEN,
  /** QEMU has a device or block node of that name. */
  NAME_TAKEN_IN_QEMU,
  /** There is no place for the device. */
  NO_ROOM,
  /** The device cannot be plugged or unplugged while the domain runs. */
  NOT_PLUGGABLE,
  /** The image, LUN or file does not exist. */
  VOLUME_NOT_FOUND,
  /** The storage refuses the credentials. */
  ACCESS_DENIED,
  /** Somebody else uses the volume. */
  VOLUME_IN_USE,
  /** The storage cannot be reached. */
  STORAGE_UNREACHABLE,
  /** The libvirt secret does not exist or has no value. */
  SECRET_MISSING,
  /** There is a secret with the usage or the UUID already. */
  SECRET_TAKEN,
  /** The device is not in the view that was to be changed. */
  DEVICE_MISSING,
  /** The guest has been asked for the device and has not answered. */
  UNPLUG_IN_PROGRESS,
  /** The guest refused to release the device. */
  GUEST_REFUSED,
  /** QEMU has ended. */
  QEMU_GONE,
  /** The connection to the daemon failed: nothing is known of the call's effect. */
  CONNECTION_LOST,
  /** libvirt does not let us. */
  NOT_PERMITTED,
  /** The driver or this version of it cannot do it. */
  NOT_SUPPORTED,
  /** The request itself is wrong. */
  BAD_REQUEST,
  /** Anything else. */
  OTHER
}
