// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import java.util.Optional;
import java.util.UUID;

/**
 * What a libvirt secret is. The value is no part of it.
 *
 * @param uuid its UUID; libvirt always shows one
 * @param usageType what it is for: {@code ceph}, {@code iscsi} or what else libvirt knows; empty if
 *     it is for nothing in particular
 * @param usageId what it is named by among those of its type; empty if it has no such name
 * @param ephemeral whether libvirt keeps the value in memory alone
 * @param isPrivate whether libvirt never shows the value
 * @param description what an operator has written about it
 */
public record SecretDefinition(
    Optional<UUID> uuid,
    String usageType,
    String usageId,
    boolean ephemeral,
    boolean isPrivate,
    Optional<String> description) {}
