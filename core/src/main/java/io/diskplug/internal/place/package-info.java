// SPDX-License-Identifier: Apache-2.0
/** Where a volume goes in a domain, and the XML with which it is sent there. */
@NullMarked
package io.diskplug.internal.place;

import org.jspecify.annotations.NullMarked;
