// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DomainRefTest {

  @Test
  void byUuidOrByName() {
    UUID uuid = new UUID(1, 2);
    assertThat(DomainRef.uuid(uuid)).isEqualTo(DomainRef.uuid(uuid)).hasToString("" + uuid);
    assertThat(DomainRef.name("vm")).isEqualTo(DomainRef.name("vm")).hasToString("\"vm\"");
  }

  @Test
  void aNameIsNotEmpty() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DomainRef.name(""))
        .withMessage("the name of the domain is empty");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OTHER", value = DiskBus.class)
  void busesHaveTheNamesOfLibvirt(DiskBus bus) {
    assertThat(bus.xmlName()).isEqualTo(bus.name().toLowerCase(java.util.Locale.ROOT));
    assertThat(DiskBus.of(bus.xmlName())).isEqualTo(bus);
  }

  @Test
  void anUnknownBusIsAnother() {
    assertThat(DiskBus.OTHER.xmlName()).isEmpty();
    assertThat(DiskBus.of("")).isEqualTo(DiskBus.OTHER);
    assertThat(DiskBus.of("quantum")).isEqualTo(DiskBus.OTHER);
    assertThat(DiskBus.of("VIRTIO")).isEqualTo(DiskBus.OTHER);
  }
}
