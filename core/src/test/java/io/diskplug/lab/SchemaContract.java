// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.internal.xml.write.DiskXmlWriter;
import io.diskplug.internal.xml.write.PlacedXml;
import io.diskplug.spi.DiskSource;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.sessions.JqwikSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** libvirt's own schema has nothing against any disk that can be described. */
public abstract class SchemaContract {

  private static final int DISKS = 500;

  /** Any disk but those with what libvirt takes and its schema does not. */
  protected abstract Arbitrary<? extends DiskSource> disks();

  @BeforeEach
  final void aSchema() {
    DomainSchema.require();
  }

  @Test
  final void everyDiskIsValid() {
    long seed = new Random().nextLong();
    System.out.println("seed of the disks: " + seed);

    JqwikSession.run(
        () ->
            DomainSchema.check(
                disks().generator(DISKS, true).stream(new Random(seed))
                    .limit(DISKS)
                    .map(disk -> DiskXmlWriter.write(PlacedXml.of(disk.value(), "vdb")))
                    .toList()));
  }

  @Test
  final void theSchemaIsNotEmpty() {
    assertThatThrownBy(() -> DomainSchema.check(List.of("<disk type='network'><bad/></disk>")))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("xmllint");
    assertThat(DomainSchema.knows("luks")).isTrue();
  }
}
