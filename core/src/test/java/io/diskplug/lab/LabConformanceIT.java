// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import io.diskplug.conformance.ConformanceTopics;
import io.diskplug.conformance.Machines;

/** The conformance suite on the lab: changes of devices. */
class LabConformanceIT extends ConformanceTopics {

  private final Machines machines = new Machines(new LabTestBed(Lab.current()));

  @Override
  protected Machines machines() {
    return machines;
  }
}
