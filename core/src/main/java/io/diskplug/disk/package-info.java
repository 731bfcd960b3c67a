// SPDX-License-Identifier: Apache-2.0
/** How a guest shall have a disk: what is the same for every storage backend. */
@NullMarked
package io.diskplug.disk;

import org.jspecify.annotations.NullMarked;
