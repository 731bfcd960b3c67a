// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.internal.xml.write.DiskElement;
import io.diskplug.internal.xml.write.DiskXmlWriter;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourceSpecTest {

  private static final SourceSpec IMAGE = SourceSpec.network("rbd", "pool/image");
  private static final SecretRef SECRET = SecretRef.uuid(new UUID(1, 2));

  private static String written(SourceSpec spec) {
    String xml = DiskXmlWriter.write(DiskElement.of(DiskOptions.DEFAULTS, spec));
    return xml.replaceAll("<driver[^>]*>", "").replaceAll("</?disk[^>]*>", "");
  }

  @Test
  void everyPartIsWritten() {
    SourceSpec all =
        IMAGE
            .withHosts(List.of(new HostPort("a", 1), new HostPort("b", 2)))
            .withSnapshot("monday")
            .withConfigFile("/etc/ceph/x.conf")
            .withUser("cinder", "ceph", SECRET)
            .withEncryption("librbd", "luks2", SecretRef.usage("passphrase of x"))
            .withInitiator("iqn.2026-01.io.diskplug:me");

    assertThat(written(all))
        .isEqualTo(
            "<source protocol=\"rbd\" name=\"pool/image\">"
                + "<host name=\"a\" port=\"1\"/><host name=\"b\" port=\"2\"/>"
                + "<snapshot name=\"monday\"/><config file=\"/etc/ceph/x.conf\"/>"
                + "<auth username=\"cinder\"><secret type=\"ceph\""
                + " uuid=\"00000000-0000-0001-0000-000000000002\"/></auth>"
                + "<encryption format=\"luks2\" engine=\"librbd\">"
                + "<secret type=\"passphrase\" usage=\"passphrase of x\"/></encryption>"
                + "<initiator><iqn name=\"iqn.2026-01.io.diskplug:me\"/></initiator></source>");
  }

  @Test
  void whatIsNotSaidIsNotWritten() {
    assertThat(written(IMAGE)).isEqualTo("<source protocol=\"rbd\" name=\"pool/image\"/>");
    assertThat(written(SourceSpec.file("/srv/x"))).isEqualTo("<source file=\"/srv/x\"/>");
    assertThat(written(SourceSpec.block("/dev/x"))).isEqualTo("<source dev=\"/dev/x\"/>");
  }

  private static Stream<UnaryOperator<SourceSpec>> changes() {
    return Stream.of(
        spec -> spec.withHosts(List.of(new HostPort("a", 1))),
        spec -> spec.withSnapshot("monday"),
        spec -> spec.withConfigFile("/etc/ceph/x.conf"),
        spec -> spec.withUser("cinder", "ceph", SECRET),
        spec -> spec.withEncryption("librbd", "luks", SECRET),
        spec -> spec.withInitiator("iqn.2026-01.io.diskplug:me"));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void aChangeIsAnotherSpecAndTellsApart(UnaryOperator<SourceSpec> change) {
    SourceSpec changed = change.apply(IMAGE);

    assertThat(changed).isNotEqualTo(IMAGE).isEqualTo(change.apply(IMAGE));
    assertThat(changed).hasSameHashCodeAs(change.apply(IMAGE)).hasToString("rbd:pool/image");
    assertThat(written(IMAGE)).doesNotContain("><");
    assertThat(changes().map(other -> other.apply(changed)).map(SourceSpec::name))
        .containsOnly("pool/image");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "relative", "./x", "/a\nb", "/a\u0000"})
  void whatIsNoPathIsNamed(String path) {
    Stream.<Runnable>of(
            () -> SourceSpec.file(path),
            () -> SourceSpec.block(path),
            () -> IMAGE.withConfigFile(path))
        .forEach(
            made ->
                assertThatThrownBy(made::run)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("\"" + path + "\""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\nb", "\u0001"})
  void whatIsNoTextIsNamed(String text) {
    Stream.<Runnable>of(
            () -> SourceSpec.network(text, "x"),
            () -> SourceSpec.network("rbd", text),
            () -> IMAGE.withUser("user", text, SECRET),
            () -> IMAGE.withUser(text, "ceph", SECRET),
            () -> IMAGE.withEncryption(text, "luks", SECRET),
            () -> IMAGE.withEncryption("librbd", text, SECRET),
            () -> IMAGE.withSnapshot(text),
            () -> IMAGE.withInitiator(text))
        .forEach(
            made ->
                assertThatThrownBy(made::run)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("\"" + text + "\""));
  }

  /** libvirt would take them, and drop them. */
  @ParameterizedTest
  @MethodSource("changes")
  void aFileHasNothingOfANetwork(UnaryOperator<SourceSpec> change) {
    if (change.apply(IMAGE).encryptionEngine().isPresent()) {
      assertThat(change.apply(SourceSpec.file("/srv/x")).encryptionEngine()).isPresent();
      return;
    }
    for (SourceSpec local : List.of(SourceSpec.file("/srv/x"), SourceSpec.block("/dev/x"))) {
      assertThatThrownBy(() -> change.apply(local))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(local.name());
    }
  }
}
