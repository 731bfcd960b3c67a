// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import java.util.Locale;
import java.util.regex.Pattern;

/** The names of targets and initiators, RFC 3720 section 3.2.6. */
final class IscsiNames {

  private static final int LONGEST = 223;

  private static final Pattern NAME =
      Pattern.compile(
          "iqn\\.[0-9]{4}-[0-9]{2}\\.[a-z0-9.-]+(:[a-z0-9._:-]+)?"
              + "|eui\\.[0-9a-f]{16}"
              + "|naa\\.([0-9a-f]{16}|[0-9a-f]{32})");

  private IscsiNames() {}

  /**
   * The name in lower case, the form in which RFC 3722 has names compared.
   *
   * @throws IllegalArgumentException if it is no iSCSI name
   */
  static String checked(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.length() > LONGEST || !NAME.matcher(lower).matches()) {
      throw new IllegalArgumentException("\"" + name + "\" is no iSCSI name (iqn., eui. or naa.)");
    }
    return lower;
  }
}
