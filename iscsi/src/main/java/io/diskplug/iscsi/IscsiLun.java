// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

/**
 * A logical unit of an iSCSI target. Target names are unique in the world, so no portal belongs to
 * the identity of a LUN.
 *
 * @param target the name of the target: {@code iqn.…}, {@code eui.…} or {@code naa.…}; in lower
 *     case, as RFC 3722 compares them
 * @param lun the logical unit number, 0 to 16383
 */
public record IscsiLun(String target, int lun) {

  private static final int MOST_LUN = 16383;

  /**
   * Checks the name and the number.
   *
   * @throws IllegalArgumentException if the target is no iSCSI name, or the LUN is out of range
   */
  public IscsiLun {
    IscsiNames.check(target);
    if (lun < 0 || lun > MOST_LUN) {
      throw new IllegalArgumentException(
          "LUN " + lun + " of " + target + " is not between 0 and " + MOST_LUN);
    }
  }

  /** {@code target/lun}, as libvirt writes it. */
  public String path() {
    return target + "/" + lun;
  }
}
