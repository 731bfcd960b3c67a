// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import java.util.regex.Pattern;

/**
 * The names of targets and initiators. RFC 7143 section 4.2.7 has a date and a naming authority
 * after {@code iqn.}; targets in the field have other names ({@code iqn.2024-05:jdss.target0}), and
 * underscores, which RFC 3722 does not allow. libvirt, QEMU and libiscsi pass all of them on. So
 * only the alphabet is checked behind {@code iqn.}.
 *
 * <p>Everything else that RFC 3722 forbids is refused here too. A slash ends the name in libvirt's
 * source, {@code %}, {@code ?}, {@code #} and {@code @} have a meaning in URLs, blanks and control
 * characters are lost in XML. Characters beyond ASCII have several spellings, which the RFC makes
 * one of, and no part of the way to the target does.
 */
final class IscsiNames {

  /** Bytes, and characters too: all of them are ASCII. */
  private static final int LONGEST = 223;

  private static final Pattern NAME =
      Pattern.compile(
          "iqn\\.[a-z0-9._:-]+" + "|eui\\.[0-9a-f]{16}" + "|naa\\.([0-9a-f]{16}|[0-9a-f]{32})",
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
          "\""
              + name
              + "\" is not an iSCSI name (iqn., eui. or naa., of letters, digits and . - : _, at"
              + " most 223)");
    }
  }
}
