// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import org.junit.jupiter.api.Nested;

/** The contract, with LUNs that are open to everybody. */
class IscsiDiskIT {

  @Nested
  class OnPc extends IscsiContract {
    OnPc() {
      super("pc", LabTarget.OPEN);
    }
  }

  @Nested
  class OnQ35 extends IscsiContract {
    OnQ35() {
      super("q35", LabTarget.OPEN);
    }
  }
}
