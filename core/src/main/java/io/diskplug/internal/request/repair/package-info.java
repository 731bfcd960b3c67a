// SPDX-License-Identifier: Apache-2.0
/** Inspection of a domain, and the steps that mend what it has found. */
@NullMarked
package io.diskplug.internal.request.repair;

import org.jspecify.annotations.NullMarked;
