// SPDX-License-Identifier: Apache-2.0
/** What a request has seen, for its outcome, and what a listener and the log are told of it. */
@NullMarked
package io.diskplug.internal.observe;

import org.jspecify.annotations.NullMarked;
