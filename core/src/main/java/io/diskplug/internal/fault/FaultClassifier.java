// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

import io.diskplug.fault.LibvirtFault;

/**
 * Says what a fault means. The library uses {@link #standard()}, a table. Implementations must be
 * safe for use by several threads and must not block.
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
