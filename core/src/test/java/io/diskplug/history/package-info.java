// SPDX-License-Identifier: Apache-2.0
/**
 * Bad days, by chance: random histories of controllers, guests, operators and failures on the
 * simulated host, after each of which the promises are checked.
 */
@NullMarked
package io.diskplug.history;

import org.jspecify.annotations.NullMarked;
