// SPDX-License-Identifier: Apache-2.0
/**
 * Why a request does not come to its end: from the state of the domain, from what libvirt reports,
 * and from how often the same was met before.
 */
@NullMarked
package io.diskplug.internal.reason;

import org.jspecify.annotations.NullMarked;
