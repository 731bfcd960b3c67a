// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.internal.xml.write.SecretXml;
import io.diskplug.internal.xml.write.Written;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretRefTest {

  @Test
  void aSecretIsWrittenByTheNameThatItWasGiven() {
    SecretXml byUuid = Written.secret(SecretRef.uuid(new UUID(1, 2)), "ceph");
    SecretXml byUsage = Written.secret(SecretRef.usage("client.cinder secret"), "iscsi");

    assertThat(byUuid.type).isEqualTo("ceph");
    assertThat(byUuid.uuid).isEqualTo("00000000-0000-0001-0000-000000000002");
    assertThat(byUuid.usage).isNull();
    assertThat(byUsage.type).isEqualTo("iscsi");
    assertThat(byUsage.uuid).isNull();
    assertThat(byUsage.usage).isEqualTo("client.cinder secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a/b", "a\nb", "a\u0000"})
  void aUsageThatIsNoneIsNamed(String usage) {
    assertThatThrownBy(() -> SecretRef.usage(usage))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + usage + "\"");
  }
}
