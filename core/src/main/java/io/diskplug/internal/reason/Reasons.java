// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.reason;

import io.diskplug.internal.fault.Condition;
import io.diskplug.outcome.Pending.WaitingFor;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import java.time.Duration;

/** How the conditions that libvirt reports are told to the caller. */
public final class Reasons {

  /** When a storage or a busy domain is worth another look, as a hint for the caller. */
  public static final Duration RETRY_SOON = Duration.ofSeconds(1);

  public static final String INTERRUPTED =
      "the caller was interrupted, or has cancelled the request";

  public static final String CLOSED = "this library was closed";

  private Reasons() {}

  /**
   * Says that a domain is not found.
   *
   * @param domain its UUID or its name
   */
  public static String noSuchDomain(Object domain) {
    return "the daemon knows no domain " + domain + "; it may be undefined, or on another host";
  }

  /** The reason of an outcome that says "later". */
  public static Unavailable.Reason reason(Condition condition) {
    return switch (condition) {
      case CONNECTION_LOST -> Unavailable.Reason.CONNECTION_LOST;
      case DOMAIN_BUSY, BLOCK_JOB_RUNNING, GUEST_SUSPENDED -> Unavailable.Reason.DOMAIN_BUSY;
      case STORAGE_UNREACHABLE -> Unavailable.Reason.STORAGE_UNREACHABLE;
      case VOLUME_IN_USE -> Unavailable.Reason.VOLUME_IN_USE;
      case UNPLUG_IN_PROGRESS -> Unavailable.Reason.UNPLUG_IN_PROGRESS;
      case DOMAIN_NOT_RUNNING, DOMAIN_TRANSIENT, QEMU_GONE -> Unavailable.Reason.DOMAIN_CHANGING;
      default -> Unavailable.Reason.FAULT;
    };
  }

  /**
   * Whether libvirt, or QEMU, refuses a change for such a reason before the change has any effect:
   * the job was not begun, or the disk is not touched. If the next reading shows the disk as it
   * was, nothing was changed.
   */
  public static boolean isBeforeAnyEffect(Condition condition) {
    return switch (condition) {
      case DOMAIN_BUSY, BLOCK_JOB_RUNNING, VOLUME_IN_USE, GUEST_SUSPENDED -> true;
      default -> false;
    };
  }

  /** The reason of an outcome that says "not before something changes". */
  public static Rejected.Reason rejection(Condition condition) {
    return switch (condition) {
      case DOMAIN_NOT_FOUND -> Rejected.Reason.DOMAIN_NOT_FOUND;
      case VOLUME_NOT_FOUND -> Rejected.Reason.VOLUME_NOT_FOUND;
      case ACCESS_DENIED, SECRET_MISSING, NOT_PERMITTED -> Rejected.Reason.ACCESS_DENIED;
      case VOLUME_IN_USE, ALIAS_TAKEN -> Rejected.Reason.CONFLICT;
      case NO_ROOM -> Rejected.Reason.NO_ROOM;
      case HOST_INCOMPLETE, DAEMON_INCOMPLETE -> Rejected.Reason.HOST_INCOMPLETE;
      default -> Rejected.Reason.BAD_REQUEST;
    };
  }

  /** What an operator can do about what lasts. */
  public static String advice(Unavailable.Reason reason) {
    return switch (reason) {
      case CONNECTION_LOST -> Condition.CONNECTION_LOST.advice();
      case DOMAIN_BUSY -> Condition.DOMAIN_BUSY.advice();
      case STORAGE_UNREACHABLE -> Condition.STORAGE_UNREACHABLE.advice();
      case VOLUME_IN_USE -> Condition.VOLUME_IN_USE.advice();
      case UNPLUG_IN_PROGRESS -> Condition.UNPLUG_IN_PROGRESS.advice();
      case FAULT -> Condition.OTHER.advice();
      case LANE_BUSY -> "wait for the earlier requests on the domain, or allow more time";
      case CALL_OUTSTANDING ->
          "look why libvirt does not answer for the domain (virsh domcontrol, virsh domjobinfo)";
      case DOMAIN_CHANGING -> "wait until the domain stays in one state (virsh domstate --reason)";
      case QEMU_UNANSWERED -> "look why QEMU's monitor does not answer (virsh domcontrol)";
      case STORAGE_UNANSWERED -> "look at the storage, and at what the probe says of it";
      case UNREADABLE -> "look at the domain's XML (virsh dumpxml)";
      case INTERRUPTED, NOT_BEGUN, CLOSED -> "make the request again";
    };
  }

  /** What an operator can do for a disk that is not released. */
  public static String advice(WaitingFor waitingFor, boolean earlierUnanswered) {
    return switch (waitingFor) {
      case GUEST ->
          earlierUnanswered
              ? "QEMU still waits for an earlier unplug request and takes no other: a guest that"
                  + " was asked before it had booted never answers; "
                  + Condition.RESTART_OF_THE_GUEST
              : "look whether the guest has booted and handles hot-plug; one that was asked before"
                  + " it had booted may never answer; "
                  + Condition.RESTART_OF_THE_GUEST;
      case PAUSED_GUEST ->
          "let the guest run: virsh resume if it is paused, virsh dompmwakeup if it is suspended,"
              + " virsh reset if it has crashed";
      case EARLIER_UNPLUG ->
          "detach again when the guest has released the disk that it was asked for before; if it"
              + " has not booted, or does not handle hot-plug, "
              + Condition.RESTART_OF_THE_GUEST;
      case QEMU ->
          "end what keeps the image open in QEMU: a block job, an NBD export; it is closed when the"
              + " domain ends";
      case STORAGE -> "close the volume at the client that the storage names";
    };
  }

  /**
   * What happened, and what would heal it.
   *
   * @param said what libvirt said
   * @param condition what that means
   */
  public static String explain(String said, Condition condition) {
    return said + "; what helps is " + condition.remedy().phrase() + ": " + condition.advice();
  }
}
