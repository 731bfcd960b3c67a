// SPDX-License-Identifier: Apache-2.0
/** Where a volume would go, for users who have the XML of a domain and no connection. */
@NullMarked
package io.diskplug.plan;

import org.jspecify.annotations.NullMarked;
