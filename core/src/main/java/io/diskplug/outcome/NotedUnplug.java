// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import io.diskplug.domain.Disk;
import io.diskplug.domain.PciAddress;
import java.util.Optional;

/**
 * An unplug that the domain's live metadata says was requested.
 *
 * @param key names it: a hash of the source of the disk that it is about
 * @param stale whether it is of an earlier run of the domain, and was not saved or migrated with
 *     the guest: it means nothing any more
 * @param disk that disk, if the live view still has it
 * @param freedSlot where that disk was, if it is gone: for one second, or while the guest works on
 *     other unplug requests, the note tells other processes to leave the slot alone
 */
public record NotedUnplug(
    String key, boolean stale, Optional<Disk> disk, Optional<PciAddress> freedSlot) {}
