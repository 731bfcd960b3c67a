// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import io.diskplug.lab.DomainSchema;
import io.diskplug.lab.SchemaContract;
import java.util.EnumSet;
import java.util.Set;
import net.jqwik.api.Arbitrary;

/** RBD disks by libvirt's own schema. */
class RbdDiskSchemaIT extends SchemaContract {

  @Override
  protected Arbitrary<RbdDisk> disks() {
    Set<RbdEncryption.Format> formats = EnumSet.allOf(RbdEncryption.Format.class);
    // libvirt 7.0 knows no engine of an encryption.
    formats.removeIf(
        format -> !DomainSchema.knows("librbd") || !DomainSchema.knows(format.xmlName()));
    return GeneratedRbdDisks.bySchema(formats);
  }
}
