// SPDX-License-Identifier: Apache-2.0
/** Requests about the secrets of a daemon, on the same engine as those about disks. */
@NullMarked
package io.diskplug.internal.secret;

import org.jspecify.annotations.NullMarked;
