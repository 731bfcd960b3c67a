// SPDX-License-Identifier: Apache-2.0
/**
 * What a domain is: its two views, the devices in them and the addresses they hold, and the reader
 * that turns domain XML into these records.
 *
 * <p>Everything here is an immutable value without I/O, clock, logging or randomness.
 */
@NullMarked
package io.diskplug.domain;

import org.jspecify.annotations.NullMarked;
