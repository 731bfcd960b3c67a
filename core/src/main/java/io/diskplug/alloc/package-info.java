// SPDX-License-Identifier: Apache-2.0
/**
 * The allocator: from what a domain is and what is asked to a placement, or to an explanation why
 * there is no room.
 *
 * <p>Pure functions of their arguments: no I/O, clock, logging or randomness.
 */
@NullMarked
package io.diskplug.alloc;

import org.jspecify.annotations.NullMarked;
