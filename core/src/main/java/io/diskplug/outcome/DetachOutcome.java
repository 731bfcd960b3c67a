// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

/** What a detach came to. Every outcome says what was observed last. */
public sealed interface DetachOutcome extends Outcome
    permits Detached, AlreadyDetached, Pending, NotDone {

  /**
   * Whether the volume is detached, verified in every view that applies. Only then may it be
   * unmapped, unexported, deleted or attached elsewhere.
   */
  default boolean isDetached() {
    return this instanceof Detached || this instanceof AlreadyDetached;
  }
}
