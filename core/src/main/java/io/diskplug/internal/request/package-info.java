// SPDX-License-Identifier: Apache-2.0
/**
 * Requests that read the domain, decide and act in rounds, until what was asked for is the case or
 * cannot be.
 *
 * <p>A round starts by reading the domain. Nothing that an earlier round believed is used without
 * being read again, so that an error, a race or a crash at any point needs no handling of its own.
 */
@NullMarked
package io.diskplug.internal.request;

import org.jspecify.annotations.NullMarked;
