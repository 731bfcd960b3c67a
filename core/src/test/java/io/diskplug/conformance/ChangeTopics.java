// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import org.junit.jupiter.api.Nested;

/** What detaches and changes do, and what is read of a domain. */
public abstract class ChangeTopics extends Topics {

  @Nested
  class Detach extends DetachConformance {
    @Override
    protected Machines machines() {
      return ChangeTopics.this.machines();
    }
  }

  @Nested
  class OneUnplug extends OneUnplugConformance {
    @Override
    protected Machines machines() {
      return ChangeTopics.this.machines();
    }
  }

  @Nested
  class Views extends ViewsConformance {
    @Override
    protected Machines machines() {
      return ChangeTopics.this.machines();
    }
  }

  @Nested
  class QemuView extends QemuViewConformance {
    @Override
    protected Machines machines() {
      return ChangeTopics.this.machines();
    }
  }

  @Nested
  class Metadata extends MetadataConformance {
    @Override
    protected Machines machines() {
      return ChangeTopics.this.machines();
    }
  }

  @Nested
  class Saving extends SavingConformance {
    @Override
    protected Machines machines() {
      return ChangeTopics.this.machines();
    }
  }

  @Nested
  class Changes extends ChangesConformance {
    @Override
    protected Machines machines() {
      return ChangeTopics.this.machines();
    }
  }

  @Nested
  class Rewriting extends RewritingConformance {
    @Override
    protected Machines machines() {
      return ChangeTopics.this.machines();
    }
  }

  @Nested
  class Secrets extends SecretsConformance {
    @Override
    protected Machines machines() {
      return ChangeTopics.this.machines();
    }
  }
}
