// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

/**
 * What a fault means.
 *
 * @param condition what has happened
 * @param verdict what that says about trying again
 */
public record Classification(Condition condition, Verdict verdict) {}
