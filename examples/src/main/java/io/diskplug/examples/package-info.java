// SPDX-License-Identifier: Apache-2.0
/** Small programs that use Diskplug as any other program would. */
@NullMarked
package io.diskplug.examples;

import org.jspecify.annotations.NullMarked;
