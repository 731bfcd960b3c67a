// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import java.time.Duration;
import java.util.Set;

/**
 * A request to a controller.
 *
 * @param id its number
 * @param what {@code attach}, {@code detach}, {@code limit}, {@code grow} or {@code inspect}
 * @param machine the domain
 * @param wish what it is made for; null for an inspection
 * @param deadline the deadline
 * @param amount the operations a second of a limit (0 for none), or the bytes of a volume that
 *     grows
 * @param sent when it was sent, by {@link System#nanoTime}
 */
record Request(
    long id, String what, Machine machine, Wish wish, Duration deadline, long amount, long sent) {

  private static final Set<String> DONE_ATTACH = Set.of("Attached", "AlreadyAttached");
  private static final Set<String> DONE_DETACH = Set.of("Detached", "AlreadyDetached");

  /**
   * What came of it.
   *
   * @param micros how long it took from the submission to the outcome, by the controller's clock
   * @param late how late the controller's process was meanwhile, in microseconds, by its heartbeat
   * @param kind the outcome's name
   * @param reason its reason, if it has one
   * @param text the outcome
   */
  record Answer(long micros, long late, String kind, String reason, String text) {

    /**
     * By how much it has outlasted a deadline, in seconds, not counting the time by which its
     * process was late meanwhile.
     */
    double beyond(Duration deadline) {
      return (micros - late) / 1e6 - deadline.toMillis() / 1e3;
    }

    boolean isVerified() {
      return DONE_ATTACH.contains(kind) || DONE_DETACH.contains(kind);
    }

    /** A call that this request has made may still have its effect. */
    boolean leavesCall() {
      return !isVerified() && !kind.equals("Rejected") && !kind.equals("Pending");
    }

    String name() {
      return reason.equals(Controller.NO_REASON) ? kind : kind + " " + reason;
    }
  }

  /** Whether it changes a disk that stays where it is. */
  boolean isChange() {
    return what.equals("limit") || what.equals("grow");
  }

  String line() {
    String words = wish == null ? "" : " " + wish.volume().words();
    if (isChange()) {
      words += " " + amount;
    }
    return "%d %s %s %d%s".formatted(id, what, machine.guest().uuid(), deadline.toMillis(), words);
  }

  @Override
  public String toString() {
    String more = isChange() ? " to " + amount : "";
    return id + " " + what + more + " " + (wish == null ? "" : wish.volume() + " ") + machine;
  }
}
