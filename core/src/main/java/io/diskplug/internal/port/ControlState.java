// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.port;

import java.time.Duration;
import java.util.Objects;

/**
 * What the daemon does with a domain at the time of the question, as {@code
 * virDomainGetControlInfo} tells ({@code qemuDomainGetControlInfo} in libvirt's {@code
 * qemu_driver.c}). Immutable.
 *
 * @param work what the domain's job is taken for
 * @param occupiedFor for how long QEMU has not answered a command; zero unless the work is {@link
 *     Work#COMMAND}
 */
public record ControlState(Work work, Duration occupiedFor) {

  /** No call works on the domain, or it is shut off. */
  public static final ControlState FREE = new ControlState(Work.NONE, Duration.ZERO);

  /** A call works on the domain, and does not wait for QEMU. */
  public static final ControlState CALL = new ControlState(Work.CALL, Duration.ZERO);

  /** A call works on the domain beside a long job, which hides whether it waits for QEMU. */
  public static final ControlState HIDDEN = new ControlState(Work.HIDDEN, Duration.ZERO);

  /** What the job of a domain is taken for. */
  public enum Work {
    /** It is not taken. */
    NONE,
    /** A call has it, and waits for its guest, or for nothing. A domain that starts is one. */
    CALL,
    /** A call has it, and waits for QEMU's answer to a command. */
    COMMAND,
    /**
     * A call has it beside an asynchronous job, such as a backup. libvirt then tells the age of
     * that job instead of the age of the command, so that a QEMU that does not answer looks the
     * same as one that does.
     */
    HIDDEN
  }

  /**
   * Checks the arguments.
   *
   * @throws IllegalArgumentException if the time is negative, or there is one without a command
   */
  public ControlState {
    Objects.requireNonNull(work, "work");
    if (occupiedFor.isNegative() || (work != Work.COMMAND && !occupiedFor.isZero())) {
      throw new IllegalArgumentException(work + " for " + occupiedFor);
    }
  }

  /**
   * QEMU has not answered a command yet.
   *
   * @param since for how long, not negative
   * @return the state
   */
  public static ControlState occupied(Duration since) {
    return new ControlState(Work.COMMAND, since);
  }

  /**
   * Whether a call that takes the domain's job would wait.
   *
   * @return false only for {@link Work#NONE}
   */
  public boolean isJobTaken() {
    return work != Work.NONE;
  }

  /**
   * Whether it cannot be told if QEMU answers.
   *
   * @return true only for {@link Work#HIDDEN}
   */
  public boolean isHidden() {
    return work == Work.HIDDEN;
  }
}
