// SPDX-License-Identifier: Apache-2.0
/** Lists that are worked out when they are first looked at. */
@NullMarked
package io.diskplug.internal.collect;

import org.jspecify.annotations.NullMarked;
