// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

/** What an attach came to. Every outcome says what was observed last. */
public sealed interface AttachOutcome extends Outcome permits Attached, AlreadyAttached, NotDone {

  /** Whether the volume is attached, verified in every view that applies. */
  default boolean isAttached() {
    return this instanceof Attached || this instanceof AlreadyAttached;
  }
}
