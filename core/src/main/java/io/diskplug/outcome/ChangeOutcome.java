// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

/** What taking over or changing an attached disk came to. Every outcome says what was observed. */
public sealed interface ChangeOutcome extends Outcome permits Changed, NotDone {}
