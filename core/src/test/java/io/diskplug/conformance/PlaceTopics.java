// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import org.junit.jupiter.api.Nested;

/** What an attach takes, and where: names, places, controllers. */
public abstract class PlaceTopics extends Topics {

  @Nested
  class Attach extends AttachConformance {
    @Override
    protected Machines machines() {
      return PlaceTopics.this.machines();
    }
  }

  @Nested
  class Names extends NamesConformance {
    @Override
    protected Machines machines() {
      return PlaceTopics.this.machines();
    }
  }

  @Nested
  class Places extends PlacesConformance {
    @Override
    protected Machines machines() {
      return PlaceTopics.this.machines();
    }
  }

  @Nested
  class Controllers extends ControllersConformance {
    @Override
    protected Machines machines() {
      return PlaceTopics.this.machines();
    }
  }
}
