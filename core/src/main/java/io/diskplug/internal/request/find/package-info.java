// SPDX-License-Identifier: Apache-2.0
/** The request that looks whether a domain has a volume. */
@NullMarked
package io.diskplug.internal.request.find;

import org.jspecify.annotations.NullMarked;
