// SPDX-License-Identifier: Apache-2.0
/**
 * Runs requests: lanes in which they take turns, steps and signals, deadlines and pauses, time and
 * threads.
 *
 * <p>It knows no domain and no disk.
 */
@NullMarked
package io.diskplug.internal.engine;

import org.jspecify.annotations.NullMarked;
