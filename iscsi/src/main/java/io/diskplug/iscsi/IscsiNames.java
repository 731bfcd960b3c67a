// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import java.util.regex.Pattern;

/** The names of targets and initiators, RFC 3720 section 3.2.6. */
final class IscsiNames {

  private static final int LONGEST = 223;

  private static final Pattern NAME =
      Pattern.compile(
          "iqn\\.[0-9]{4}-[0-9]{2}\\.[a-z0-9.-]+(:[a-z0-9._:-]+)?"
              + "|eui\\.[0-9a-f]{16}"
              + "|naa\\.([0-9a-f]{16}|[0-9a-f]{32})",
          Pattern.CASE_INSENSITIVE);

  private IscsiNames() {}

  /**
   * Checks a name.
   *
   * @throws IllegalArgumentException if it is not an iSCSI name
   */
  static void check(String name) {
    if (name.length() > LONGEST || !NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "\"" + name + "\" is not an iSCSI name (iqn., eui. or naa.)");
    }
  }
}
