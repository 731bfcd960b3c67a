// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import io.diskplug.disk.HostPort;
import io.diskplug.disk.SecretRef;
import io.diskplug.disk.SourceSpec;
import java.util.UUID;

/** What a backend says of a source, as elements. */
final class SourceElements {

  private static final String PASSPHRASE = "passphrase";

  private SourceElements() {}

  /** The {@code type} of the disk element. */
  static String type(SourceSpec spec) {
    return spec.type();
  }

  static SourceXml source(SourceSpec spec) {
    SourceXml xml = new SourceXml();
    switch (spec.type()) {
      case "file" -> xml.file = spec.name();
      case "block" -> xml.dev = spec.name();
      default -> {
        xml.protocol = spec.protocol();
        xml.name = spec.name();
      }
    }
    for (HostPort host : spec.hosts()) {
      xml.hosts.add(host(host));
    }
    xml.snapshot = spec.snapshot().map(SourceElements::snapshot).orElse(null);
    xml.config = spec.configFile().map(SourceElements::config).orElse(null);
    xml.auth =
        spec.user()
            .map(
                user ->
                    AuthXml.of(
                        user, secret(spec.secret().orElseThrow(), spec.secretType().orElseThrow())))
            .orElse(null);
    xml.encryption = spec.encryptionEngine().map(engine -> encryption(engine, spec)).orElse(null);
    xml.initiator = spec.initiator().map(SourceElements::initiator).orElse(null);
    return xml;
  }

  private static HostXml host(HostPort host) {
    HostXml xml = new HostXml();
    xml.name = host.host();
    xml.port = host.port();
    return xml;
  }

  private static SnapshotXml snapshot(String name) {
    SnapshotXml xml = new SnapshotXml();
    xml.name = name;
    return xml;
  }

  private static ConfigXml config(String file) {
    ConfigXml xml = new ConfigXml();
    xml.file = file;
    return xml;
  }

  private static EncryptionXml encryption(String engine, SourceSpec spec) {
    EncryptionXml xml = new EncryptionXml();
    xml.format = spec.encryptionFormat().orElseThrow();
    xml.engine = engine;
    xml.secret = secret(spec.encryptionSecret().orElseThrow(), PASSPHRASE);
    return xml;
  }

  private static SecretXml secret(SecretRef secret, String type) {
    SecretXml xml = new SecretXml();
    xml.type = type;
    xml.uuid = secret.byUuid().map(UUID::toString).orElse(null);
    xml.usage = secret.byUsage().orElse(null);
    return xml;
  }

  private static InitiatorXml initiator(String name) {
    InitiatorXml xml = new InitiatorXml();
    IqnXml iqn = new IqnXml();
    iqn.name = name;
    xml.iqn = iqn;
    return xml;
  }
}
