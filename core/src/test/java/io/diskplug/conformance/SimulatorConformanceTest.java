// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import io.diskplug.sim.Generation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;

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

  abstract static class OfGeneration {

    private final Generation generation;

    OfGeneration(Generation generation) {
      this.generation = generation;
    }

    Machines simulated() {
      return new Machines(new SimulatedTestBed(generation));
    }

    @Nested
    class Places extends PlaceTopics {
      private final Machines machines = simulated();

      @Override
      protected Machines machines() {
        return machines;
      }
    }

    @Nested
    class Changes extends ChangeTopics {
      private final Machines machines = simulated();

      @Override
      protected Machines machines() {
        return machines;
      }
    }

    @Nested
    class States extends StateTopics {
      private final Machines machines = simulated();

      @Override
      protected Machines machines() {
        return machines;
      }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class DaemonDeath extends DaemonDeathConformance {
      private final Machines machines = simulated();

      @Override
      protected Machines machines() {
        return machines;
      }

      @AfterAll
      void close() {
        machines.close();
      }
    }
  }
}
