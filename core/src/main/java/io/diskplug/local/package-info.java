// SPDX-License-Identifier: Apache-2.0
/** Disks of the host itself: files and block devices. */
@NullMarked
package io.diskplug.local;

import org.jspecify.annotations.NullMarked;
