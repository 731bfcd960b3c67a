// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import java.util.Locale;

/** How QEMU does the I/O, libvirt's {@code io} attribute. */
public enum IoMode {
  /** A pool of threads. */
  THREADS,
  /** Linux native asynchronous I/O; needs a cache mode that bypasses the page cache. */
  NATIVE,
  /** io_uring. */
  IO_URING;

  /** libvirt's spelling. */
  public String xmlName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
