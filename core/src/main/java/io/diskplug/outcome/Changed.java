// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

/**
 * The disk is as it was asked to be, in every view that has it; so it was read back. A disk that
 * was adopted is in the persistent view under the alias of the volume, added there if only the live
 * view had it, and nothing else of it was changed; the live view keeps the alias that it has until
 * the domain is started anew.
 *
 * @param targetDev the target dev, in the live view if it is there; of a disk that was adopted, in
 *     the persistent view
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
