// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import java.util.Locale;

/** What becomes of writes of zeroes, libvirt's {@code detect_zeroes} attribute. */
public enum DetectZeroes {
  /** They are writes like all others. */
  OFF,
  /** They are turned into the storage's own way to write zeroes, if it has one. */
  ON,
  /** They are turned into discards; needs {@link DiscardMode#UNMAP}. */
  UNMAP;

  /** libvirt's spelling. */
  public String xmlName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
