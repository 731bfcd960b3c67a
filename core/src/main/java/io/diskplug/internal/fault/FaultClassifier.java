// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

import io.diskplug.fault.LibvirtFault;

/**
 * Says what a fault means: {@link #standard()}, a table. Tests give others, which shows that the
 * state decides, and not the verdict. Implementations must be safe for use by several threads and
 * must not block.
 */
@FunctionalInterface
public interface FaultClassifier {

  /**
   * What the fault means.
   *
   * @param fault a failed call
   */
  Classification classify(LibvirtFault fault);

  /** The library's own table. */
  static FaultClassifier standard() {
    return FaultTable::classify;
  }
}
