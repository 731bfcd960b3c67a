// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.diskxml.AliasXml;
import io.diskplug.diskxml.DiskXml;
import io.diskplug.diskxml.DiskXmlWriter;
import io.diskplug.diskxml.TargetXml;
import io.diskplug.lab.DomainSchema;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.sessions.JqwikSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** libvirt's own schema has nothing against any disk that can be described. */
class RbdDiskSchemaIT {

  private static final int DISKS = 500;

  @BeforeEach
  void aSchema() {
    DomainSchema.require();
  }

  @Test
  void everyDiskIsValid() {
    long seed = new Random().nextLong();
    System.out.println("seed of the disks: " + seed);
    Set<RbdEncryption.Format> formats = EnumSet.allOf(RbdEncryption.Format.class);
    formats.removeIf(format -> !DomainSchema.knows(format.xmlName()));
    Arbitrary<RbdDisk> disks = GeneratedRbdDisks.bySchema(formats);

    JqwikSession.run(
        () ->
            DomainSchema.check(
                disks.generator(DISKS, true).stream(new Random(seed))
                    .limit(DISKS)
                    .map(disk -> written(disk.value()))
                    .toList()));
  }

  @Test
  void theSchemaIsNotEmpty() {
    assertThatThrownBy(() -> DomainSchema.check(List.of("<disk type='network'><bad/></disk>")))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("xmllint");
    assertThat(DomainSchema.knows("luks2")).isTrue();
  }

  private static String written(RbdDisk disk) {
    DiskXml xml = disk.toXml();
    xml.target = new TargetXml();
    xml.target.dev = "vdb";
    xml.target.bus = disk.bus().xmlName();
    xml.serial = disk.volumeId();
    xml.alias = new AliasXml();
    xml.alias.name = disk.volume().identity().alias();
    return DiskXmlWriter.write(xml);
  }
}
