// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import io.diskplug.conformance.DaemonDeathConformance;
import io.diskplug.conformance.Machines;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;

/** The conformance suite on the lab, where the daemon dies. */
@OwnLab
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LabDaemonDeathConformanceIT extends DaemonDeathConformance {

  private final Machines machines = new Machines(new LabTestBed(Lab.current()));

  @Override
  protected Machines machines() {
    return machines;
  }

  @AfterAll
  void close() {
    machines.close();
  }
}
