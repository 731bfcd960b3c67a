// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import java.util.Optional;

/**
 * What a storage says of the clients that have a disk open with which a domain runs.
 *
 * @param inUse whether a client has it open, which may be another domain's QEMU. False although the
 *     domain runs with the disk: QEMU was shut out (a blocklist), is cut off from the storage, or
 *     was stopped for longer than the storage waits. Empty if the storage has not said, or what it
 *     has said does not tell
 * @param explanation the same for a person
 * @param notPrimary whether the volume follows another one by mirroring, so that the writes of a
 *     disk that is not read-only fail
 */
public record StorageSight(Optional<Boolean> inUse, String explanation, boolean notPrimary) {}
