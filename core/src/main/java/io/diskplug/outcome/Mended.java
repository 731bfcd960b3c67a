// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

/**
 * The step is done, and was verified.
 *
 * @param changed whether this repair did it; false if there was nothing to do any more
 * @param proof what this rests on
 * @param observed what was read
 */
public record Mended(boolean changed, Proof proof, Observation observed) implements MendOutcome {

  @Override
  public Kind kind() {
    return Kind.DONE;
  }
}
