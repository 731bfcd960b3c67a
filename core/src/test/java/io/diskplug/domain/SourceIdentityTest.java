// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourceIdentityTest {

  private final SourceIdentity image = new SourceIdentity("rbd", "ceph-1", "volumes/v1");

  @Test
  void theAliasIsOneThatLibvirtKeeps() {
    assertThat(image.alias()).matches("ua-dp-[0-9a-f]{32}");
    assertThat(SourceIdentity.isOwnAlias(image.alias())).isTrue();
    assertThat(SourceIdentity.isOwnAlias("ua-pvc-1")).isFalse();
    assertThat(SourceIdentity.isOwnAlias("virtio-disk0")).isFalse();
  }

  @Test
  void theAliasNeverChangesFromReleaseToRelease() {
    assertThat(image.alias()).isEqualTo("ua-dp-b44aab46b709105b7977e3e4d0891e92");
  }

  @Test
  void theAliasTellsSourcesApart() {
    Set<String> aliases = new HashSet<>();
    List<SourceIdentity> identities =
        List.of(
            image,
            new SourceIdentity("rbd", "ceph-2", "volumes/v1"),
            new SourceIdentity("rbd", "ceph-1", "volumes/v2"),
            new SourceIdentity("nbd", "ceph-1", "volumes/v1"),
            new SourceIdentity("rbd", "ceph-1v", "olumes/v1"),
            new SourceIdentity("rbd", "", "ceph-1volumes/v1"));
    identities.forEach(identity -> aliases.add(identity.alias()));
    assertThat(aliases).hasSameSizeAs(identities);
    assertThat(new SourceIdentity("rbd", "ceph-1", "volumes/v1").alias()).isEqualTo(image.alias());
  }

  @Test
  void namesASourceOfTheSameKindAndName() {
    assertThat(image.names(source("rbd", "volumes/v1", null))).isTrue();
    assertThat(image.names(source("rbd", "volumes/v1", "snap"))).isFalse();
    assertThat(image.names(source("rbd", "volumes/v2", null))).isFalse();
    assertThat(image.names(source("nbd", "volumes/v1", null))).isFalse();
    assertThat(image.names(new StorageSource("rbd", "volumes/v1", null, List.of("h")))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"iqn.2020-01.Com.Example:T", "iqn.2020-01.com.example:t/0"})
  void anIscsiNameWithoutLunIsLunZero(String name) {
    SourceIdentity identity = new SourceIdentity("iscsi", "", name);
    assertThat(identity.name()).isEqualTo("iqn.2020-01.com.example:t/0");
    assertThat(identity.names(source("iscsi", "IQN.2020-01.com.example:t", null))).isTrue();
    assertThat(identity.names(source("iscsi", "iqn.2020-01.com.example:t/1", null))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"'', '', x", "rbd, '', ''"})
  void needsAKindAndAName(String kind, String scope, String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SourceIdentity(kind, scope, name))
        .withMessage("a source identity needs a kind and a name");
  }

  @Test
  void canonicalNamesOfSources() {
    assertThat(source("rbd", "P/I", null).canonicalName()).isEqualTo("P/I");
    assertThat(source("rbd", "P/I", "s").canonicalName()).isEqualTo("P/I@s");
    assertThat(source("file", "/A", null).canonicalName()).isEqualTo("/A");
    assertThat(source("iscsi", "IQN:X", null).canonicalName()).isEqualTo("iqn:x/0");
    assertThat(source("iscsi", "IQN:X/12", null).canonicalName()).isEqualTo("iqn:x/12");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "pvc-0_Z",
        "0123456789012345678901234567890123456789012345678901234567890123"
      })
  void volumesHaveTheseIds(String id) {
    assertThat(new VolumeRef(id, image).id()).isEqualTo(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a:b",
        "a b",
        "\u00E4",
        "a\n",
        "01234567890123456789012345678901234567890123456789012345678901234"
      })
  void volumesHaveNoOtherIds(String id) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new VolumeRef(id, image))
        .withMessageEndingWith("is not 1 to 64 characters of A-Z a-z 0-9 _ -");
  }

  private static StorageSource source(String kind, String name, String snapshot) {
    return new StorageSource(kind, name, snapshot, List.of());
  }
}
