// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import java.util.Locale;

/** What becomes of a guest's discards (TRIM, UNMAP), libvirt's {@code discard} attribute. */
public enum DiscardMode {
  /** They are passed on, and the storage may free the space. */
  UNMAP,
  /** They are dropped. */
  IGNORE;

  /** libvirt's spelling. */
  public String xmlName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
