// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

/**
 * The volume was not attached. Nothing was changed.
 *
 * @param proof what this rests on
 * @param observed what was read
 */
public record AlreadyDetached(Proof proof, Observation observed) implements DetachOutcome {

  @Override
  public Kind kind() {
    return Kind.DONE;
  }
}
