// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

/**
 * What a fault says has happened, whatever code and words a version of libvirt uses for it, and
 * what would heal it.
 */
public enum Condition {
  /** The domain is not known to this daemon: undefined, or migrated away. */
  DOMAIN_NOT_FOUND(Remedy.REQUEST, "ask the daemon of the host that has the domain"),
  /** A live change of a domain that is shut off. */
  DOMAIN_NOT_RUNNING(Remedy.READING, "the library reads the state of the domain again"),
  /** A persistent change of a transient domain. */
  DOMAIN_TRANSIENT(Remedy.READING, "the library reads again which views the domain has"),
  /** Another job holds the domain. */
  DOMAIN_BUSY(
      Remedy.TIME,
      "wait for the job that holds the domain (virsh domjobinfo); virsh domjobabort ends a long"
          + " one"),
  /** A block job runs on the disk. */
  BLOCK_JOB_RUNNING(
      Remedy.TIME,
      "wait for the block job or the backup of the disk (virsh blockjob, virsh domjobinfo), or end"
          + " it"),
  /** The guest is suspended by its own power management. */
  GUEST_SUSPENDED(Remedy.TIME, "wake the guest (virsh dompmwakeup)"),
  /** The target dev is taken. */
  TARGET_TAKEN(Remedy.READING, "the library takes another target dev"),
  /** The address is taken. */
  ADDRESS_TAKEN(Remedy.READING, "the library takes another address"),
  /** A controller has the index. */
  INDEX_TAKEN(Remedy.READING, "the library looks which controller has the index"),
  /** The alias is taken: for a user alias of ours, the same source is attached. */
  ALIAS_TAKEN(Remedy.READING, "the library looks whose disk has the alias"),
  /** QEMU has a device or block node of that name. */
  NAME_TAKEN_IN_QEMU(Remedy.READING, "the library looks for a ghost of the volume in QEMU"),
  /** There is no place for the device. */
  NO_ROOM(Remedy.DOMAIN, "detach a disk, or give the domain another controller"),
  /** The device cannot be plugged or unplugged while the domain runs. */
  NOT_PLUGGABLE(
      Remedy.DOMAIN, "shut the domain off, and attach or detach the disk while it is shut off"),
  /** The image, LUN or file does not exist. */
  VOLUME_NOT_FOUND(Remedy.STORAGE, "create the volume in the storage, or name another one"),
  /** The storage refuses the credentials. */
  ACCESS_DENIED(
      Remedy.STORAGE, "correct the credentials of the disk, or its permissions in the storage"),
  /** Another client uses the volume. */
  VOLUME_IN_USE(
      Remedy.TIME, "wait until the other client has closed the volume, or detach it there"),
  /** The storage cannot be reached. */
  STORAGE_UNREACHABLE(Remedy.TIME, "look at the storage, and at the network to it"),
  /** The host could not begin to connect to the storage, for a cause that may pass or may stay. */
  STORAGE_NOT_CONNECTED(
      Remedy.NOT_KNOWN,
      "look whether the host of the domain can resolve the names of the monitors (DNS), which may"
          + " heal by itself; if it can, correct the key, the keyring or the configuration file"),
  /** The host lacks a block driver of QEMU or a file that opening the volume needs. */
  HOST_INCOMPLETE(
      Remedy.HOST,
      "install QEMU's block driver for the storage, or the configuration file that the"
          + " message names, on the host of the domain; a domain that was started before QEMU was"
          + " upgraded there cannot load its drivers any more: shut it off and start it, or migrate"
          + " it"),
  /**
   * A part of libvirt that has a daemon of its own, such as {@code virtsecretd}, does not run; the
   * daemon of the domains does.
   */
  DAEMON_INCOMPLETE(
      Remedy.HOST,
      "start the daemon whose socket the message names, or its socket (systemctl start"
          + " virtsecretd.socket), on the host of the domain"),
  /** The libvirt secret does not exist or has no value. */
  SECRET_MISSING(Remedy.HOST, "define the secret in the libvirt of this host, and set its value"),
  /** There is a secret with the usage or the UUID already. */
  SECRET_TAKEN(Remedy.READING, "the library looks the secret up again"),
  /** The device is not in the view that was to be changed. */
  DEVICE_MISSING(Remedy.READING, "the library reads again which view has the disk"),
  /** The guest has been asked for the device and has not answered. */
  UNPLUG_IN_PROGRESS(
      Remedy.TIME,
      "wait for the guest; one that was asked before it had booted may never answer, and QEMU then"
          + " takes no further request: "
          + Condition.RESTART_OF_THE_GUEST),
  /** QEMU has ended. */
  QEMU_GONE(Remedy.READING, "the library reads the state of the domain again"),
  /** The connection to the daemon failed: nothing is known of the call's effect. */
  CONNECTION_LOST(Remedy.TIME, "look whether the daemon runs, and at the connection to it"),
  /** libvirt refuses this client. */
  NOT_PERMITTED(Remedy.HOST, "correct the access rules of the daemon, or the client's login"),
  /** The driver or this version of it cannot do it. */
  NOT_SUPPORTED(Remedy.HOST, "the host needs a libvirt or QEMU that can do it"),
  /** QEMU, from 9.1 on, refuses the serial of the disk: it is longer than the bus has room for. */
  SERIAL_TOO_LONG(
      Remedy.REQUEST,
      "detach the disk from the views that have it, and attach it with a serial of its own or with"
          + " the derived one (DiskOptions.withSerial)"),
  /** The request itself is wrong. */
  BAD_REQUEST(Remedy.REQUEST, "correct what the message names"),
  /** Anything else. */
  OTHER(
      Remedy.NOT_KNOWN,
      "read the message and the daemon's log; it may not heal by waiting, and a daemon that speaks"
          + " another language than English is understood better with LC_MESSAGES=C");

  /** What makes a guest release its disks that does not answer unplug requests. */
  public static final String RESTART_OF_THE_GUEST =
      "shut the domain down and start it; on pc, and on q35 from machine type 6.1 on, a reset is"
          + " enough (virsh reset), on an older q35 it does not help";

  private final Remedy remedy;
  private final String advice;

  Condition(Remedy remedy, String advice) {
    this.remedy = remedy;
    this.advice = advice;
  }

  /** What would heal it. */
  public Remedy remedy() {
    return remedy;
  }

  /** What an operator can do, or what the library does by itself. */
  public String advice() {
    return advice;
  }
}
