// SPDX-License-Identifier: Apache-2.0
/** Where a disk has room, and why not. Pure: the same domain gives the same answer. */
@NullMarked
package io.diskplug.internal.alloc;

import org.jspecify.annotations.NullMarked;
