// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

/**
 * One step of a repair.
 *
 * @param repair what was to be mended
 * @param outcome what it came to
 */
public record RepairStep(Repair repair, MendOutcome outcome) {}
