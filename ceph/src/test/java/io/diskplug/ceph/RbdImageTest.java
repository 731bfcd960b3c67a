// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.domain.SourceIdentity;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RbdImageTest {

  private static final String LONGEST = "x".repeat(128);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", " ", "a b", "a/b", "a@b", "a:b", "a\\b", "a<b", "a>b", "a&b", "a'b", "a\"b", "a,b",
        "a#b", "a%b", "é", "a\n", "a\u0000"
      })
  void aNameThatIsNoneIsNamedWithWhatItIs(String name) {
    assertThatThrownBy(() -> RbdImage.of("fsid", name, "image"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("pool name \"" + name + "\"");
    assertThatThrownBy(() -> RbdImage.of("fsid", "pool", name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("image name \"" + name + "\"");
    assertThatThrownBy(() -> RbdImage.of("fsid", "pool", "image").inNamespace(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("namespace name \"" + name + "\"");
  }

  @Test
  void aNameHasAtMost128Characters() {
    assertThat(RbdImage.of("fsid", LONGEST, LONGEST).inNamespace(LONGEST).path())
        .hasSize(3 * 128 + 2);
    assertThatThrownBy(() -> RbdImage.of("fsid", "pool", LONGEST + "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(LONGEST + "x");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\t\n"})
  void aClusterNeedsAName(String cluster) {
    assertThatThrownBy(() -> RbdImage.of(cluster, "pool", "image"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cluster");
  }

  @Test
  void thePathIsPoolNamespaceAndImage() {
    RbdImage image = RbdImage.of("fsid", "p.1_2", "csi-vol+a=b");

    assertThat(image.path()).isEqualTo("p.1_2/csi-vol+a=b");
    assertThat(image.inNamespace("ns").path()).isEqualTo("p.1_2/ns/csi-vol+a=b");
    assertThat(image.namespace()).isEmpty();
    assertThat(image.inNamespace("ns").namespace()).hasValue("ns");
  }

  @Test
  void anIdentityNamesItsImage() {
    RbdImage image = RbdImage.of("fsid", "p.1_2", "csi-vol+a=b");
    for (RbdImage any :
        List.of(
            image,
            image.inNamespace("ns"),
            image.atSnapshot("s"),
            image.inNamespace("a").atSnapshot("b"))) {
      assertThat(RbdImage.of(any.identity())).hasValue(any);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "file, fsid, pool/image",
    "rbd, '', pool/image",
    "rbd, fsid, image",
    "rbd, fsid, a/b/c/d",
    "rbd, fsid, pool/",
    "rbd, fsid, pool//image",
    "rbd, fsid, pool/image@",
    "rbd, fsid, pool/image@s@t",
    "rbd, fsid, pool/im age"
  })
  void anIdentityOfSomethingElseNamesNone(String kind, String scope, String name) {
    assertThat(RbdImage.of(new SourceIdentity(kind, scope, name))).isEmpty();
  }
}
