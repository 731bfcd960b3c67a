// SPDX-License-Identifier: Apache-2.0
/**
 * What a request came to, and what a repair may mend of it. Outcomes are values: exceptions are for
 * misuse and for a broken installation.
 */
@NullMarked
package io.diskplug.outcome;

import org.jspecify.annotations.NullMarked;
