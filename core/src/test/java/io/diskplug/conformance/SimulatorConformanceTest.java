// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import org.junit.jupiter.api.Nested;

/** The simulator behaves as the lab does, case by case. */
class SimulatorConformanceTest extends ConformanceTopics {

  private final Machines machines = new Machines(new SimulatedTestBed());

  @Override
  protected Machines machines() {
    return machines;
  }

  @Nested
  class DaemonDeath extends DaemonDeathConformance {
    @Override
    protected Machines machines() {
      return machines;
    }
  }
}
