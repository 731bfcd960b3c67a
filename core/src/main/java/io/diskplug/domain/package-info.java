// SPDX-License-Identifier: Apache-2.0
/**
 * What requests and outcomes speak of: domains, volumes and their sources, disks as they were read,
 * and the addresses that devices hold.
 *
 * <p>Everything here is an immutable value without I/O, clock, logging or randomness.
 */
@NullMarked
package io.diskplug.domain;

import org.jspecify.annotations.NullMarked;
