// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import io.diskplug.lab.SchemaContract;
import net.jqwik.api.Arbitrary;

/** iSCSI disks by libvirt's own schema. */
class IscsiDiskSchemaIT extends SchemaContract {

  @Override
  protected Arbitrary<IscsiDisk> disks() {
    return GeneratedIscsiDisks.bySchema();
  }
}
