// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import io.diskplug.lab.Guest;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A domain of the lab.
 *
 * @param guest the guest
 * @param room how many volumes it is asked to have at a time
 * @param power held by whoever starts it anew, and by whoever must not be met by that
 * @param jobs held while another client has a long job on it, and while it is saved
 * @param starts how often its QEMU was killed and started, each counting as one
 */
record Machine(
    Guest guest, int room, ReentrantLock power, ReentrantLock jobs, AtomicInteger starts) {

  Machine(Guest guest, int room) {
    this(guest, room, new ReentrantLock(), new ReentrantLock(), new AtomicInteger());
  }

  String name() {
    return guest.name();
  }

  @Override
  public String toString() {
    return guest.name();
  }
}
