// SPDX-License-Identifier: Apache-2.0
/** The kinds of storage that requests are served for: those of the library, and those of others. */
@NullMarked
package io.diskplug.internal.kind;

import org.jspecify.annotations.NullMarked;
