// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;

/**
 * What changes of devices do. {@link StateTopics} are about what a domain does by itself, {@link
 * DaemonDeathConformance} about a daemon that dies.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class ConformanceTopics {

  /** Where the cases run. */
  protected abstract Machines machines();

  @AfterAll
  void close() {
    machines().close();
  }

  @Nested
  class Attach extends AttachConformance {
    @Override
    protected Machines machines() {
      return ConformanceTopics.this.machines();
    }
  }

  @Nested
  class Names extends NamesConformance {
    @Override
    protected Machines machines() {
      return ConformanceTopics.this.machines();
    }
  }

  @Nested
  class Places extends PlacesConformance {
    @Override
    protected Machines machines() {
      return ConformanceTopics.this.machines();
    }
  }

  @Nested
  class Controllers extends ControllersConformance {
    @Override
    protected Machines machines() {
      return ConformanceTopics.this.machines();
    }
  }

  @Nested
  class Detach extends DetachConformance {
    @Override
    protected Machines machines() {
      return ConformanceTopics.this.machines();
    }
  }

  @Nested
  class OneUnplug extends OneUnplugConformance {
    @Override
    protected Machines machines() {
      return ConformanceTopics.this.machines();
    }
  }

  @Nested
  class Views extends ViewsConformance {
    @Override
    protected Machines machines() {
      return ConformanceTopics.this.machines();
    }
  }

  @Nested
  class QemuView extends QemuViewConformance {
    @Override
    protected Machines machines() {
      return ConformanceTopics.this.machines();
    }
  }

  @Nested
  class Metadata extends MetadataConformance {
    @Override
    protected Machines machines() {
      return ConformanceTopics.this.machines();
    }
  }

  @Nested
  class Saving extends SavingConformance {
    @Override
    protected Machines machines() {
      return ConformanceTopics.this.machines();
    }
  }

  @Nested
  class Changes extends ChangesConformance {
    @Override
    protected Machines machines() {
      return ConformanceTopics.this.machines();
    }
  }

  @Nested
  class Rewriting extends RewritingConformance {
    @Override
    protected Machines machines() {
      return ConformanceTopics.this.machines();
    }
  }

  @Nested
  class Secrets extends SecretsConformance {
    @Override
    protected Machines machines() {
      return ConformanceTopics.this.machines();
    }
  }
}
