// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import org.junit.jupiter.api.Nested;

/** The contract, with LUNs that are protected by CHAP. */
class IscsiChapDiskIT {

  @Nested
  class OnPc extends IscsiContract {
    OnPc() {
      super("pc", LabTarget.CHAP);
    }
  }

  @Nested
  class OnQ35 extends IscsiContract {
    OnQ35() {
      super("q35", LabTarget.CHAP);
    }
  }
}
