// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.port;

import java.util.UUID;

/**
 * A domain in the list of its daemon.
 *
 * @param uuid its UUID
 * @param name its name when it was listed
 */
public record KnownDomain(UUID uuid, String name) {}
