// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.coordination;

import java.time.Duration;

/**
 * Every duration of an unplug, of an eviction and of what processes tell each other about them,
 * with the observation that each rests on. {@code docs/libvirt.md} describes the experiments.
 */
public final class UnplugPolicy {

  /**
   * No process asks a guest again for a disk that libvirt has earlier than this after the last
   * request, whichever process made that. For ghosts see {@link #EVICTION_REPEATED}. A busy guest
   * was seen to take nine seconds. A repetition that meets the guest's release makes libvirt 9.0
   * report success while QEMU keeps the disk's block node, and an i440fx guest that is asked twice
   * ejects the slot twice. It is shorter than the usual deadline of an attach, 30 s, which could
   * otherwise never finish a detach that another process left.
   */
  public static final Duration LEAST_BEFORE_REPETITION = Duration.ofSeconds(20);

  /** When a detach repeats its own request first; drawn from 30 to 60 s. */
  public static final Duration FIRST_REPETITION = LEAST_BEFORE_REPETITION.multipliedBy(3);

  /** The longest time between two repetitions of a detach; drawn from half of it on. */
  public static final Duration LONGEST_REPETITION = Duration.ofMinutes(5);

  /**
   * The first repetition of an attach that has to wait for an earlier unplug of its volume; drawn
   * from 20 to 40 s. It is shorter than that of a detach: its caller wants the disk back.
   */
  public static final Duration FIRST_REPETITION_BEFORE_ATTACH =
      LEAST_BEFORE_REPETITION.multipliedBy(2);

  /** The longest time between two such repetitions; drawn from half of it on. */
  public static final Duration LONGEST_REPETITION_BEFORE_ATTACH = Duration.ofSeconds(60);

  /**
   * For how long a request that the guest has not answered keeps other unplugs of the domain. After
   * that the guest has missed it, and the news of the next request makes it look at both. Longer
   * than the nine seconds of a busy guest.
   */
  public static final Duration KEEPS_OTHER_UNPLUGS = Duration.ofSeconds(30);

  /** For how long it keeps plugs, which are not refused for it: as long as guests usually take. */
  public static final Duration KEEPS_PLUGS = Duration.ofSeconds(5);

  /**
   * For how long one request of this process keeps the others of the domain from asking the guest:
   * it needs a few calls until it has asked.
   */
  static final Duration TURN = Duration.ofSeconds(5);

  /**
   * For how long a disk that only the live view has is left alone: the guest may be about to
   * release it. It must not be called attached meanwhile, and a request that meets the release
   * leaves the disk in QEMU with libvirt 9.0.
   */
  public static final Duration LEAVING = Duration.ofSeconds(1);

  /**
   * For how long a slot that was freed is avoided where another one is free. Guests were seen to
   * eject a slot again for four seconds; one that is busy, or swaps, takes longer.
   */
  static final Duration SLOT_AVOIDED = Duration.ofSeconds(30);

  /**
   * For how long a freed slot is not used at all after the guest had other unplug requests to work
   * on. It ejected the slot again 200 ms after the other one, under QEMU's TCG.
   */
  static final Duration SLOT_EJECTED_AGAIN = Duration.ofSeconds(1);

  /**
   * For how long the name of an evicted device is not used again: libvirt drops whatever disk has
   * the name when it handles the event. An event was seen to wait for a quarter of a second.
   */
  static final Duration ALIAS_SETTLES = Duration.ofSeconds(1);

  /**
   * After this the guest is asked again for an evicted device: a booting guest forgets requests.
   */
  static final Duration EVICTION_REPEATED = Duration.ofSeconds(10);

  /**
   * A lease of an eviction is stale after this. Between the last reading and the deletion is one
   * call, which takes less.
   */
  static final Duration EVICTION_LEASE = Duration.ofSeconds(10);

  /** A lease of an unplug request is stale after this: one that comes too early does less harm. */
  static final Duration ASKING_LEASE = Duration.ofSeconds(5);

  /** The most by which the clocks of two hosts are taken to differ. */
  static final Duration CLOCKS_DIFFER = Duration.ofMinutes(2);

  /** A slot, an alias or an annotation that no request has looked at for so long is forgotten. */
  static final Duration REMEMBERED = Duration.ofHours(1);

  /** A request of this process that no other has looked at for so long is forgotten. */
  static final Duration REQUEST_REMEMBERED = Duration.ofDays(1);

  private UnplugPolicy() {}
}
