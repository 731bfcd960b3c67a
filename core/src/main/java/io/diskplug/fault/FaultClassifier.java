// SPDX-License-Identifier: Apache-2.0
package io.diskplug.fault;

/**
 * Says what a fault means. The default, {@link #standard()}, is a table; users may put their own in
 * front of it. Implementations must be safe for use by several threads and must not block.
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
