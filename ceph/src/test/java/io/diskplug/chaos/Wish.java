// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import io.diskplug.chaos.Request.Answer;
import java.util.Set;
import java.util.TreeSet;

/** What is wanted of a volume, and what is known about it. Guarded by {@link Wishes}. */
final class Wish {

  private final Volume volume;

  /** The only domain on which it is wanted, or was wanted last. */
  Machine machine;

  boolean attach;

  /** How large the volume is, in bytes. */
  long bytes = Volume.BYTES;

  /** The controllers that were told. */
  Set<Integer> owners = new TreeSet<>();

  /** Changes with everything that is done about the volume. */
  long version;

  /** Requests that have no answer yet. */
  int inFlight;

  /** Until when a call of a request that is over may have its effect, by System.nanoTime. */
  long callsUntil = System.nanoTime();

  /** Whether a change of its limits or its size is under way. */
  boolean changing;

  /** Until when a change that is over may have its effect, by System.nanoTime. */
  long changesUntil = System.nanoTime();

  /** Whether the last answer was verified, of a request that was alone with the volume. */
  boolean converged;

  /** Whether it is surely detached, so that it may be wanted on another domain. */
  boolean free;

  /** Whether somebody is looking, so that nothing else should be wanted for a moment. */
  boolean watched;

  long changedAt;
  long retryAt;
  int repeats;
  Answer last;

  Wish(Volume volume, Machine machine) {
    this.volume = volume;
    this.machine = machine;
  }

  Volume volume() {
    return volume;
  }

  String what() {
    return attach ? "attach" : "detach";
  }

  @Override
  public String toString() {
    return what() + " " + volume + " " + machine + ", last " + (last == null ? "-" : last.text());
  }
}
