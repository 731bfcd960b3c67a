// SPDX-License-Identifier: Apache-2.0
/**
 * What a request came to, and what a repair may mend of it. Outcomes are values: exceptions are for
 * misuse and for a broken installation. A request about a secret alone, which comes to a name or to
 * nothing, has an exception for its failures.
 */
@NullMarked
package io.diskplug.outcome;

import org.jspecify.annotations.NullMarked;
