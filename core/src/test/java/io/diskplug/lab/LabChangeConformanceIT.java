// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import io.diskplug.conformance.ChangeTopics;
import io.diskplug.conformance.Machines;

/** The conformance suite on the lab: detaches and changes. */
class LabChangeConformanceIT extends ChangeTopics {

  private final Machines machines = new Machines(new LabTestBed(Lab.current()));

  @Override
  protected Machines machines() {
    return machines;
  }
}
