// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.domain.StorageSource;
import io.diskplug.internal.kind.ExampleKind;
import io.diskplug.internal.kind.StorageKinds;
import io.diskplug.spi.StorageKind;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QemuNodesTest {

  private static final QemuNodes NODES = new QemuNodes(ExampleKind.ALL);

  private static Map<String, Object> node(String driver, String file) {
    return Map.of("node-name", "libvirt-9-storage", "drv", driver, "file", file);
  }

  private static StorageSource source(String kind, String name, String snapshot) {
    return new StorageSource(kind, name, snapshot, List.of());
  }

  @Test
  void anRbdNodeIsPoolAndImage() throws Exception {
    assertThat(
            NODES.source(
                node(
                    "rbd",
                    "json:{\"pool\": \"volumes\", \"image\": \"first-light\", \"server.0.host\":"
                        + " \"127.0.0.1\", \"driver\": \"rbd\", \"server.0.port\": \"26336\","
                        + " \"user\": \"cinder\"}")))
        .hasValue(source("rbd", "volumes/first-light", null));
  }

  @Test
  void anRbdNodeHasItsNamespaceAndItsSnapshot() throws Exception {
    assertThat(
            NODES.source(
                node(
                    "rbd",
                    "json:{\"pool\": \"p\", \"namespace\": \"tenant\", \"image\": \"i\","
                        + " \"snapshot\": \"s\"}")))
        .hasValue(source("rbd", "p/tenant/i", "s"));
    assertThat(
            NODES.source(
                node("rbd", "json:{\"pool\": \"p\", \"namespace\": \"\", \"image\": \"i\"}")))
        .hasValue(source("rbd", "p/i", null));
  }

  @Test
  void anIscsiNodeIsTargetAndLun() throws Exception {
    assertThat(
            NODES.source(
                node(
                    "iscsi",
                    "json:{\"password-secret\": \"libvirt-11-storage-auth-secret0\", \"lun\": 1,"
                        + " \"portal\": \"127.0.0.1:21121\", \"driver\": \"iscsi\","
                        + " \"transport\": \"tcp\", \"user\": \"diskplug\", \"target\":"
                        + " \"iqn.2026-01.io.diskplug:chap\"}")))
        .hasValue(source("iscsi", "iqn.2026-01.io.diskplug:chap/1", null));
    assertThat(NODES.source(node("iscsi", "json:{\"target\": \"iqn.2026-01.io.diskplug:open\"}")))
        .hasValue(source("iscsi", "iqn.2026-01.io.diskplug:open/0", null));
  }

  @ParameterizedTest
  @CsvSource({"file, file", "host_device, block"})
  void aLocalNodeIsItsPath(String driver, String kind) throws Exception {
    assertThat(NODES.source(node(driver, "/srv/a b,c.img")))
        .hasValue(source(kind, "/srv/a b,c.img", null));
    assertThat(
            NODES.source(
                node(
                    driver,
                    "json:{\"driver\": \"" + driver + "\", \"filename\": \"/srv/json:a.img\"}")))
        .hasValue(source(kind, "/srv/json:a.img", null));
  }

  @Test
  void aFormatOnTopOfAProtocolHasNothingOpenItself() throws Exception {
    assertThat(
            NODES.source(
                node(
                    "raw",
                    "json:{\"driver\": \"raw\", \"file\": {\"pool\": \"volumes\", \"image\":"
                        + " \"first-light\", \"driver\": \"rbd\"}}")))
        .isEmpty();
    assertThat(NODES.source(node("qcow2", "/srv/overlay.qcow2"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"nbd, nbd://localhost:10809/export", "null-co, null-co://", "nbd, json:{"})
  void aNodeOfAKindThatNoVolumeHasHasNoSource(String driver, String file) throws Exception {
    assertThat(NODES.source(node(driver, file))).isEmpty();
  }

  @Test
  void aNodeWithoutDriverOrFileHasNoSource() throws Exception {
    assertThat(NODES.source(Map.of())).isEmpty();
    assertThat(NODES.source(Map.of("drv", "file"))).isEmpty();
    assertThat(NODES.source(Map.of("file", "/srv/one.img"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rbd | json:{\"pool\": \"volumes\", \"im...",
        "rbd | json:{\"pool\": \"volumes\"}",
        "rbd | json:{\"image\": \"first-light\"}",
        "rbd | json:[]",
        "rbd | json:",
        "rbd | rbd:volumes/first-light",
        "iscsi | json:{\"lun\": 1}",
        "iscsi | json:{",
        "file | json:{\"driver\": \"file\"}",
        "host_device | json:{\"driver\": \"host_device\"}"
      })
  void aNodeThatDoesNotTellWhatItHasOpenIsRefused(String driver, String file) {
    assertThatThrownBy(() -> NODES.source(node(driver, file)))
        .isInstanceOf(UnexpectedAnswerException.class);
  }

  private static QemuNodes of(Function<Map<String, String>, StorageSource> opened) {
    StorageKind kind =
        new StorageKind() {
          @Override
          public String name() {
            return "nbd";
          }

          @Override
          public Set<String> drivers() {
            return Set.of("nbd");
          }

          @Override
          public StorageSource opened(String driver, Map<String, String> options) {
            return opened.apply(options);
          }
        };
    return new QemuNodes(StorageKinds.with(List.of(kind)));
  }

  @Test
  void aKindIsToldTheOptionsByTheirPath() throws Exception {
    QemuNodes nodes =
        of(options -> source("nbd", options.get("server.host") + "/" + options.get("x.1"), null));

    assertThat(nodes.source(node("nbd", "json:{\"server\":{\"host\":\"h\"},\"x\":[\"a\",\"b\"]}")))
        .hasValue(source("nbd", "h/b", null));
  }

  /** A program error of a backend must not look like a volume that is closed. */
  @Test
  void aKindThatFailsTellsNothing() {
    List<QemuNodes> wrong =
        List.of(
            of(options -> source("rbd", "p/i", null)),
            of(
                options -> {
                  throw new UnsupportedOperationException("broken");
                }));

    for (QemuNodes nodes : wrong) {
      assertThatThrownBy(() -> nodes.source(node("nbd", "nbd://h/x")))
          .isInstanceOf(UnexpectedAnswerException.class)
          .hasMessageContaining("nbd");
    }
  }
}
