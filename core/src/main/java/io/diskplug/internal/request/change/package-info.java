// SPDX-License-Identifier: Apache-2.0
/** Requests that change a disk which stays where it is: its limits and its size. */
@NullMarked
package io.diskplug.internal.request.change;

import org.jspecify.annotations.NullMarked;
