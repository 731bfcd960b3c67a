// SPDX-License-Identifier: Apache-2.0
/**
 * What the allocator answers: a placement, or an explanation why there is no room. {@code
 * io.diskplug.plan} asks it.
 *
 * <p>Immutable values.
 */
@NullMarked
package io.diskplug.alloc;

import org.jspecify.annotations.NullMarked;
