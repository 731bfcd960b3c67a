// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

/**
 * What a storage says of the clients that have a disk open with which a domain runs.
 *
 * @param clients whether there are any
 * @param explanation the same for a person
 * @param notPrimary whether the volume follows another one by mirroring, so that the writes of a
 *     disk that is not read-only fail
 */
public record StorageSight(Clients clients, String explanation, boolean notPrimary) {

  /**
   * Of a volume that is not known to follow another one.
   *
   * @param clients whether there are any clients
   * @param explanation the same for a person
   */
  public StorageSight(Clients clients, String explanation) {
    this(clients, explanation, false);
  }

  /** Whether a storage knows of clients. */
  public enum Clients {
    /** One has it open at least, which may be another domain's QEMU. */
    SOME,
    /**
     * None has, although the domain runs with the disk: QEMU was shut out (a blocklist), is cut off
     * from the storage, or was stopped for longer than the storage waits.
     */
    NONE,
    /** The storage has not said, or what it has said does not tell. */
    UNKNOWN
  }
}
