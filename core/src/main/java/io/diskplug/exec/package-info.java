// SPDX-License-Identifier: Apache-2.0
/**
 * The executor: attach, detach and plan as requests that look, decide and act in rounds until what
 * was asked for is the case, or cannot be.
 *
 * <p>A round starts by reading the domain. Nothing that an earlier round believed is used without
 * being read again, so that an error, a race or a crash at any point needs no handling of its own.
 *
 * <p>{@link io.diskplug.exec.Planner} is for users who have a domain's XML and no connection.
 */
@NullMarked
package io.diskplug.exec;

import org.jspecify.annotations.NullMarked;
