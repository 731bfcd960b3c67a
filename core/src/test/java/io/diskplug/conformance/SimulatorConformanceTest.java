// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import io.diskplug.sim.Generation;
import org.junit.jupiter.api.Nested;

/** The simulator behaves as the lab does, case by case, with each set of facts. */
class SimulatorConformanceTest {

  @Nested
  class Bullseye extends OfGeneration {
    Bullseye() {
      super(Generation.BULLSEYE);
    }
  }

  @Nested
  class Bookworm extends OfGeneration {
    Bookworm() {
      super(Generation.BOOKWORM);
    }
  }

  @Nested
  class Trixie extends OfGeneration {
    Trixie() {
      super(Generation.TRIXIE);
    }
  }

  @Nested
  class TrixieBackports extends OfGeneration {
    TrixieBackports() {
      super(Generation.TRIXIE_BACKPORTS);
    }
  }

  abstract static class OfGeneration extends ConformanceTopics {

    private final Generation generation;
    private final Machines machines;

    OfGeneration(Generation generation) {
      this.generation = generation;
      this.machines = new Machines(new SimulatedTestBed(generation));
    }

    @Override
    protected Machines machines() {
      return machines;
    }

    @Nested
    class States extends StateTopics {
      private final Machines ownMachines = new Machines(new SimulatedTestBed(generation));

      @Override
      protected Machines machines() {
        return ownMachines;
      }
    }

    @Nested
    class DaemonDeath extends DaemonDeathConformance {
      @Override
      protected Machines machines() {
        return machines;
      }
    }
  }
}
