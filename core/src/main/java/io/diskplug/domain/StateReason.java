// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Why a domain is in its state, as {@code virDomainGetState} names it: libvirt's constant without
 * its prefix, so that {@code VIR_DOMAIN_SHUTOFF_SAVED} is {@link #SAVED} of {@link
 * RunState#SHUT_OFF}. One name can belong to several states and mean something else in each.
 *
 * <p>A daemon forgets the reason of a domain that is shut off when it restarts: then it is {@link
 * #UNKNOWN}. It is so, too, for a domain that was defined and never started.
 */
public enum StateReason {
  /** The daemon does not know, or has forgotten. */
  UNKNOWN,
  /** Running since it was started. */
  BOOTED,
  /** Running: it was migrated to this host. Shut off: it was migrated to another host. */
  MIGRATED,
  /** Running, restored from a file that {@code virsh save} made. */
  RESTORED,
  /** Running, paused or shut off since it was reverted to a snapshot. */
  FROM_SNAPSHOT,
  /** Running after a pause. */
  UNPAUSED,
  /** Running after a migration that was broken off. */
  MIGRATION_CANCELED,
  /** Running after {@code virsh save} was broken off. */
  SAVE_CANCELED,
  /** Running after the guest's power management woke it. */
  WAKEUP,
  /** Running or paused: the guest has crashed. Shut off: QEMU has ended unexpectedly. */
  CRASHED,
  /** Post-copy migration: the guest runs on the destination, QEMU exists on both hosts. */
  POSTCOPY,
  /** Post-copy migration that has failed half-way: QEMU of both hosts have a part of the guest. */
  POSTCOPY_FAILED,
  /** Paused, or being shut down, by request. */
  USER,
  /** Paused for a migration: leaving, or arriving. */
  MIGRATION,
  /** Paused while {@code virsh save} writes it to a file. */
  SAVE,
  /** Paused while its memory is dumped. */
  DUMP,
  /** Paused after an I/O error. */
  IOERROR,
  /** Paused by its watchdog. */
  WATCHDOG,
  /** Paused while it shuts down. */
  SHUTTING_DOWN,
  /** Paused while a snapshot is made. */
  SNAPSHOT,
  /** Paused while QEMU starts. */
  STARTING_UP,
  /** Paused because libvirt could not resume it after an operation. */
  API_ERROR,
  /** Shut off by the guest. */
  SHUTDOWN,
  /** Shut off by {@code virsh destroy}. */
  DESTROYED,
  /** Shut off by {@code virsh save}: the file holds every disk that it had. */
  SAVED,
  /** Shut off because a start, or an incoming migration, has failed. */
  FAILED,
  /** Shut off by the daemon, which could not reach QEMU any more. */
  DAEMON,
  /** The guest's kernel has panicked. */
  PANICKED,
  /** A reason that this version of the library does not know. */
  OTHER;

  /** libvirt's numbers, by state: a reason's number is its place in the list. */
  private static final Map<RunState, List<StateReason>> NUMBERS = new EnumMap<>(RunState.class);

  static {
    NUMBERS.put(RunState.NO_STATE, List.of(UNKNOWN));
    NUMBERS.put(
        RunState.RUNNING,
        List.of(
            UNKNOWN,
            BOOTED,
            MIGRATED,
            RESTORED,
            FROM_SNAPSHOT,
            UNPAUSED,
            MIGRATION_CANCELED,
            SAVE_CANCELED,
            WAKEUP,
            CRASHED,
            POSTCOPY,
            POSTCOPY_FAILED));
    NUMBERS.put(RunState.BLOCKED, List.of(UNKNOWN));
    NUMBERS.put(
        RunState.PAUSED,
        List.of(
            UNKNOWN,
            USER,
            MIGRATION,
            SAVE,
            DUMP,
            IOERROR,
            WATCHDOG,
            FROM_SNAPSHOT,
            SHUTTING_DOWN,
            SNAPSHOT,
            CRASHED,
            STARTING_UP,
            POSTCOPY,
            POSTCOPY_FAILED,
            API_ERROR));
    NUMBERS.put(RunState.SHUTTING_DOWN, List.of(UNKNOWN, USER));
    NUMBERS.put(
        RunState.SHUT_OFF,
        List.of(
            UNKNOWN, SHUTDOWN, DESTROYED, CRASHED, MIGRATED, SAVED, FAILED, FROM_SNAPSHOT, DAEMON));
    NUMBERS.put(RunState.CRASHED, List.of(UNKNOWN, PANICKED));
    NUMBERS.put(RunState.PM_SUSPENDED, List.of(UNKNOWN));
  }

  /**
   * The reason that libvirt gives as a number ({@code virDomainRunningReason} and its siblings).
   *
   * @param state the state that it is given for
   * @param number libvirt's number
   */
  public static StateReason of(RunState state, int number) {
    List<StateReason> reasons = of(state);
    return number < 0 || number >= reasons.size() ? OTHER : reasons.get(number);
  }

  /**
   * The reasons that libvirt can give for a state, in the order of its numbers.
   *
   * @param state the state
   */
  public static List<StateReason> of(RunState state) {
    return NUMBERS.getOrDefault(state, List.of());
  }
}
