// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

/** What taking over a disk of another tool came to. Every outcome says what was observed. */
public sealed interface AdoptOutcome extends Outcome permits Adopted, NotDone {}
