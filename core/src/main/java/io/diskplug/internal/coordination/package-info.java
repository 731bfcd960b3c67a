// SPDX-License-Identifier: Apache-2.0
/**
 * What processes tell each other about unplug requests in the metadata of a domain, and what this
 * process remembers of them.
 */
@NullMarked
package io.diskplug.internal.coordination;

import org.jspecify.annotations.NullMarked;
