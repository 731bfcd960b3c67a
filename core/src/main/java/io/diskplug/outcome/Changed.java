// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

/**
 * The disk is as it was asked to be, in every view that has it; so it was read back.
 *
 * @param targetDev the target dev, in the live view if it is there
 * @param changed whether this request did it
 * @param observed what was read
 */
public record Changed(String targetDev, boolean changed, Observation observed)
    implements ChangeOutcome {

  @Override
  public Kind kind() {
    return Kind.DONE;
  }
}
