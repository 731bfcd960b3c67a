// SPDX-License-Identifier: Apache-2.0
/** Requests that bring a volume into a domain, take it out, and say where it would go. */
@NullMarked
package io.diskplug.internal.request.plug;

import org.jspecify.annotations.NullMarked;
