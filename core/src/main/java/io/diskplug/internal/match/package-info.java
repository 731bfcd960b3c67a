// SPDX-License-Identifier: Apache-2.0
/**
 * Which disk of a view is the volume that is meant, and how it differs from what is wanted. Pure
 * functions of what was read.
 */
@NullMarked
package io.diskplug.internal.match;

import org.jspecify.annotations.NullMarked;
