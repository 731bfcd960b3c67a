// SPDX-License-Identifier: Apache-2.0
/**
 * What the storage says of a volume: the probes, and questions to them that keep no request waiting
 * for longer than it has time.
 */
@NullMarked
package io.diskplug.internal.storage;

import org.jspecify.annotations.NullMarked;
