// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import org.jspecify.annotations.Nullable;

/**
 * A device that is neither a disk nor a controller, as far as it matters to placement.
 *
 * @param kind the name of its XML element, for example {@code interface}
 * @param alias its alias, if the view names one
 * @param address its address in the guest; never the host address of a {@code hostdev}'s source
 */
public record Device(String kind, @Nullable String alias, @Nullable DeviceAddress address) {}
