// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

/**
 * A lane of the inspections of one domain. An inspection changes nothing, and is wanted above all
 * while a call on the domain hangs: it does not wait behind a change, and goes to a second lane if
 * an earlier inspection hangs in a call. So a domain that is wedged has two workers for them at
 * most.
 *
 * @param of the lane of the changes: the domain, or its name
 * @param isSecond whether it is the one beside an inspection that hangs
 */
record InspectionLane(Object of, boolean isSecond) {

  static InspectionLane of(Object changes) {
    return new InspectionLane(changes, false);
  }

  InspectionLane second() {
    return new InspectionLane(of, true);
  }
}
