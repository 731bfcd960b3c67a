// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import io.diskplug.conformance.Machines;
import io.diskplug.conformance.StateTopics;

/** The conformance suite on the lab, where domains change or keep others waiting. */
class LabStateConformanceIT extends StateTopics {

  private final Machines machines = new Machines(new LabTestBed(Lab.current()));

  @Override
  protected Machines machines() {
    return machines;
  }
}
