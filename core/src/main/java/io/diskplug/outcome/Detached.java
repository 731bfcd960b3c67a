// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

/**
 * The volume was detached by this request, or an earlier unplug request has come to its end.
 *
 * @param proof what this rests on
 * @param observed what was read
 */
public record Detached(Proof proof, Observation observed) implements DetachOutcome {

  @Override
  public Kind kind() {
    return Kind.DONE;
  }
}
