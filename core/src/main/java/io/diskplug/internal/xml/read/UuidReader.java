// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

import java.util.UUID;
import java.util.regex.Pattern;

/** Reads a {@code <uuid>} element ({@code virUUIDParse}). */
final class UuidReader {

  private static final Pattern UUID_FORM =
      Pattern.compile("[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}");

  private UuidReader() {}

  /** Reads the element that the cursor is in, and leaves it. */
  static UUID read(XmlCursor cursor) {
    int start = cursor.elementStart();
    String text = cursor.text().trim();
    if (!UUID_FORM.matcher(text).matches()) {
      throw cursor.errorAt(start, "the <uuid> is not a UUID");
    }
    String digits = text.replace("-", "");
    return new UUID(
        Long.parseUnsignedLong(digits.substring(0, 16), 16),
        Long.parseUnsignedLong(digits.substring(16), 16));
  }
}
