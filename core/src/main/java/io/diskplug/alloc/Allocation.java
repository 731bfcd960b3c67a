// SPDX-License-Identifier: Apache-2.0
package io.diskplug.alloc;

/** The allocator's answer. */
public sealed interface Allocation permits Placement, NoRoom, Refused {}
