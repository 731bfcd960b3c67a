// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import io.diskplug.conformance.Machines;
import io.diskplug.conformance.PlaceTopics;

/** The conformance suite on the lab: where an attach puts a device. */
class LabPlaceConformanceIT extends PlaceTopics {

  private final Machines machines = new Machines(new LabTestBed(Lab.current()));

  @Override
  protected Machines machines() {
    return machines;
  }
}
