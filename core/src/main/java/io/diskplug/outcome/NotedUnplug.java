// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import io.diskplug.domain.Disk;
import java.util.Optional;

/**
 * An unplug that the domain's live metadata says was requested.
 *
 * @param key names it: a hash of the source of the disk that it is about
 * @param stale whether it is of another run of the domain, and means nothing any more
 * @param disk that disk, if the live view still has it
 */
public record NotedUnplug(String key, boolean stale, Optional<Disk> disk) {}
