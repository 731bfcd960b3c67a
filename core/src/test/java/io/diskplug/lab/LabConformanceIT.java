// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import io.diskplug.conformance.AttachConformance;
import io.diskplug.conformance.DetachConformance;
import io.diskplug.conformance.EventsConformance;
import io.diskplug.conformance.JobsConformance;
import io.diskplug.conformance.Machines;
import io.diskplug.conformance.MetadataConformance;
import io.diskplug.conformance.NamesConformance;
import io.diskplug.conformance.PlacesConformance;
import io.diskplug.conformance.QemuViewConformance;
import io.diskplug.conformance.SavingConformance;
import io.diskplug.conformance.ViewsConformance;
import io.diskplug.conformance.WedgedConformance;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;

/** The conformance suite on the lab, as far as the daemon lives. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LabConformanceIT {

  private final Machines machines = new Machines(new LabTestBed(Lab.current()));

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
}
