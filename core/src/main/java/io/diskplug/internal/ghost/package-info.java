// SPDX-License-Identifier: Apache-2.0
/** What QEMU has of a disk that no view shows: the proof, and the eviction. */
@NullMarked
package io.diskplug.internal.ghost;

import org.jspecify.annotations.NullMarked;
