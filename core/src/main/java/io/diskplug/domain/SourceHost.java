// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import org.jspecify.annotations.Nullable;

/**
 * A host of a network disk: a Ceph monitor, an iSCSI portal.
 *
 * @param name its name or address; an IPv6 address without brackets; null for a unix socket
 * @param port its TCP port, or null for the protocol's default
 */
public record SourceHost(@Nullable String name, @Nullable Integer port) {}
