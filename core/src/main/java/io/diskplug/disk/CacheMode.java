// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import java.util.Locale;

/** The host's caching of a disk, libvirt's {@code cache} attribute. */
public enum CacheMode {
  /** Bypasses the host's page cache; the disk's own write cache is on. */
  NONE,
  /** Writes reach the storage before they are reported as done. */
  WRITETHROUGH,
  /** Uses the host's page cache for reads and writes. */
  WRITEBACK,
  /** Bypasses the host's page cache, and writes through. */
  DIRECTSYNC,
  /**
   * Uses the host's page cache and ignores the guest's flushes: data is lost when the host fails.
   */
  UNSAFE;

  /** libvirt's spelling. */
  public String xmlName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether the page cache is bypassed, which native I/O needs. */
  public boolean direct() {
    return this == NONE || this == DIRECTSYNC;
  }
}
