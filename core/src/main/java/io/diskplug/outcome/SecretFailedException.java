// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import io.diskplug.fault.LibvirtFault;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request about a libvirt secret came to nothing that could be relied on; {@link #reason()} says
 * why. Neither the message nor a cause has the value of a secret.
 */
public final class SecretFailedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason {
    /**
     * The usage belongs to a secret with another UUID than was asked for, or the UUID to a secret
     * for something else: such a secret was not changed. Or another client defines or removes it
     * again and again, after each change that was made.
     */
    CONFLICT,
    /** libvirt does not do it, and will not until something changes. */
    REFUSED,
    /** Not now: the same request may succeed later. Some of it may have been done. */
    UNAVAILABLE,
    /** A call has not returned before the deadline. It may still have its effect. */
    TIMED_OUT,
    /** The calling thread was interrupted. Some of it may have been done. */
    INTERRUPTED,
    /** This library was closed. Some of it may have been done. */
    CLOSED
  }

  private final Reason reason;
  private final transient @Nullable LibvirtFault fault;

  /**
   * Without a fault.
   *
   * @param reason why, for a program
   * @param explanation why, for a person
   */
  public SecretFailedException(Reason reason, String explanation) {
    this(reason, explanation, null);
  }

  /**
   * With what libvirt said last.
   *
   * @param reason why, for a program
   * @param explanation why, for a person
   * @param fault what libvirt said, if it said something
   */
  public SecretFailedException(Reason reason, String explanation, @Nullable LibvirtFault fault) {
    super(reason + ": " + explanation + (fault == null ? "" : ": " + fault));
    this.reason = reason;
    this.fault = fault;
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }

  /** What libvirt said, if that was why. */
  public Optional<LibvirtFault> fault() {
    return Optional.ofNullable(fault);
  }
}
