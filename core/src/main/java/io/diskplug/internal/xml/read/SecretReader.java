// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

import io.diskplug.internal.model.SecretDefinition;
import java.util.Optional;
import java.util.UUID;

/** Reads a {@code <secret>} element ({@code virSecretDefParseXML}). */
final class SecretReader {

  private Optional<UUID> uuid = Optional.empty();
  private Optional<String> description = Optional.empty();
  private String usageType = "";
  private String usageId = "";

  private SecretReader() {}

  /** Reads the element that the cursor is in, and leaves it. */
  static SecretDefinition read(XmlCursor cursor) {
    return new SecretReader().readSecret(cursor);
  }

  private SecretDefinition readSecret(XmlCursor cursor) {
    boolean ephemeral = isYes(cursor, "ephemeral");
    boolean isPrivate = isYes(cursor, "private");
    while (cursor.nextChild()) {
      switch (cursor.name()) {
        case "uuid" -> uuid = Optional.of(UuidReader.read(cursor));
        case "description" -> description = Optional.of(cursor.text());
        case "usage" -> readUsage(cursor);
        default -> cursor.skip();
      }
    }
    return new SecretDefinition(uuid, usageType, usageId, ephemeral, isPrivate, description);
  }

  private void readUsage(XmlCursor cursor) {
    String type = cursor.attribute("type");
    usageType = type == null ? "" : type;
    while (cursor.nextChild()) {
      switch (cursor.name()) {
        case "name", "target", "volume" -> usageId = cursor.text();
        default -> cursor.skip();
      }
    }
  }

  private static boolean isYes(XmlCursor cursor, String attribute) {
    return "yes".equals(cursor.attribute(attribute));
  }
}
