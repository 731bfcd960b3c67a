// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import io.diskplug.domain.Disk;
import java.util.Optional;

/**
 * An unplug that the domain's live metadata says was requested.
 *
 * @param alias the alias of the volume that it is about
 * @param stale whether it is of another run of the domain, and means nothing any more
 * @param disk the disk with this alias in the live view; a disk that another tool attached has
 *     another one, and one that the guest has released is not there
 */
public record NotedUnplug(String alias, boolean stale, Optional<Disk> disk) {}
