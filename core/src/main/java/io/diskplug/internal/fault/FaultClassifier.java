// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

import io.diskplug.fault.LibvirtFault;
import java.util.Optional;
import java.util.function.Function;

/**
 * Says what a fault means: {@link #with}, a table. Tests give others, which shows that the state
 * decides, and not the verdict. Implementations must be safe for use by several threads and must
 * not block.
 */
@FunctionalInterface
public interface FaultClassifier {

  /**
   * What the fault means.
   *
   * @param fault a failed call
   */
  Classification classify(LibvirtFault fault);

  /** The library's own table, which knows nothing of what the drivers of backends say. */
  static FaultClassifier standard() {
    return FaultTable::classify;
  }

  /**
   * The library's own table, and what the block drivers of the backends say.
   *
   * @param drivers what the words of an error mean; empty if they are no driver's
   */
  static FaultClassifier with(Function<String, Optional<Condition>> drivers) {
    return fault -> FaultTable.classify(fault, drivers);
  }
}
