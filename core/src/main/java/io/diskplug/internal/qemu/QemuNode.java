// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.qemu;

import io.diskplug.domain.StorageSource;
import org.jspecify.annotations.Nullable;

/**
 * A block node of QEMU.
 *
 * @param name its {@code node-name}
 * @param file what it has open, in QEMU's words: a format has the same as the node below it
 * @param source the same in the terms of domain XML; null for a node that has nothing open itself
 */
public record QemuNode(String name, String file, @Nullable StorageSource source) {}
