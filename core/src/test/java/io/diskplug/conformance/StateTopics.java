// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import org.junit.jupiter.api.Nested;

/** What a domain does by itself: states, jobs, events, a QEMU that does not answer. */
public abstract class StateTopics extends Topics {

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
