// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;

/** The simulator behaves as the lab does, case by case. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SimulatorConformanceTest {

  private final Machines machines = new Machines(new SimulatedTestBed());

  @AfterAll
  void close() {
    machines.close();
  }

  @Nested
  class Attach extends AttachConformance {
    @Override
    protected Machines machines() {
      return machines;
    }
  }

  @Nested
  class Names extends NamesConformance {
    @Override
    protected Machines machines() {
      return machines;
    }
  }

  @Nested
  class Places extends PlacesConformance {
    @Override
    protected Machines machines() {
      return machines;
    }
  }

  @Nested
  class Detach extends DetachConformance {
    @Override
    protected Machines machines() {
      return machines;
    }
  }

  @Nested
  class Views extends ViewsConformance {
    @Override
    protected Machines machines() {
      return machines;
    }
  }

  @Nested
  class Jobs extends JobsConformance {
    @Override
    protected Machines machines() {
      return machines;
    }
  }

  @Nested
  class QemuView extends QemuViewConformance {
    @Override
    protected Machines machines() {
      return machines;
    }
  }

  @Nested
  class Metadata extends MetadataConformance {
    @Override
    protected Machines machines() {
      return machines;
    }
  }

  @Nested
  class Events extends EventsConformance {
    @Override
    protected Machines machines() {
      return machines;
    }
  }

  @Nested
  class Saving extends SavingConformance {
    @Override
    protected Machines machines() {
      return machines;
    }
  }

  @Nested
  class Wedged extends WedgedConformance {
    @Override
    protected Machines machines() {
      return machines;
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
