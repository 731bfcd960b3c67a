// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.internal.model.SecretDefinition;
import io.diskplug.internal.xml.write.SecretDefinitionXml;
import io.diskplug.internal.xml.write.SecretUsageXml;
import io.diskplug.internal.xml.write.SecretXmlWriter;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written of a secret, and what is read. */
class SecretXmlTest {

  private static final UUID UUID_OF_IT = new UUID(1, 2);

  @Test
  void itIsWrittenAsLibvirtTakesIt() {
    SecretDefinitionXml xml = new SecretDefinitionXml();
    xml.ephemeral = "no";
    xml.isPrivate = "yes";
    xml.uuid = UUID_OF_IT.toString();
    xml.usage = new SecretUsageXml();
    xml.usage.type = "ceph";
    xml.usage.name = "client.cinder";

    assertThat(SecretXmlWriter.write(xml))
        .isEqualTo(
            "<secret ephemeral=\"no\" private=\"yes\">"
                + "<uuid>00000000-0000-0001-0000-000000000002</uuid>"
                + "<usage type=\"ceph\"><name>client.cinder</name></usage></secret>");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a\"<&>'b", "]]>", "<name>", "\u00fc"})
  void whatIsWrittenIsReadAgain(String text) {
    SecretDefinitionXml xml = new SecretDefinitionXml();
    xml.ephemeral = "yes";
    xml.description = text;
    xml.usage = new SecretUsageXml();
    xml.usage.type = "iscsi";
    xml.usage.target = text;

    assertThat(DomainXmlReader.readSecret(SecretXmlWriter.write(xml)))
        .isEqualTo(
            new SecretDefinition(Optional.empty(), "iscsi", text, true, false, Optional.of(text)));
  }

  @Test
  void whatLibvirtWritesOfAnotherTypeIsRead() {
    String xml =
        """
        <secret ephemeral='no' private='no'>
          <uuid>00000000-0000-0001-0000-000000000002</uuid>
          <usage type='volume'>
            <volume>/images/a.img</volume>
          </usage>
        </secret>
        """;

    assertThat(DomainXmlReader.readSecret(xml))
        .isEqualTo(
            new SecretDefinition(
                Optional.of(UUID_OF_IT),
                "volume",
                "/images/a.img",
                false,
                false,
                Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<secret",
        "<domain/>",
        "<secret><uuid>no</uuid></secret>",
        "<!DOCTYPE secret []><secret/>"
      })
  void whatIsNoneIsRefused(String xml) {
    assertThatThrownBy(() -> DomainXmlReader.readSecret(xml))
        .isInstanceOf(DomainXmlException.class);
  }
}
