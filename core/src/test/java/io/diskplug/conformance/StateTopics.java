// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;

/** What a domain does, and who waits for it: states, jobs, events, a QEMU that does not answer. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class StateTopics {

  /** Where the cases run. */
  protected abstract Machines machines();

  @AfterAll
  void close() {
    machines().close();
  }

  @Nested
  class States extends StatesConformance {
    @Override
    protected Machines machines() {
      return StateTopics.this.machines();
    }
  }

  @Nested
  class Jobs extends JobsConformance {
    @Override
    protected Machines machines() {
      return StateTopics.this.machines();
    }
  }

  @Nested
  class OpenWorldJobs extends OpenWorldJobsConformance {
    @Override
    protected Machines machines() {
      return StateTopics.this.machines();
    }
  }

  @Nested
  class Events extends EventsConformance {
    @Override
    protected Machines machines() {
      return StateTopics.this.machines();
    }
  }

  @Nested
  class Wedged extends WedgedConformance {
    @Override
    protected Machines machines() {
      return StateTopics.this.machines();
    }
  }
}
