// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import org.jspecify.annotations.Nullable;

/** An empty element whose presence says yes. */
public final class FlagXml {
  /** Made empty. */
  public FlagXml() {}

  /**
   * An element if the condition holds.
   *
   * @param condition whether the element is to be written
   */
  public static @Nullable FlagXml when(boolean condition) {
    return condition ? new FlagXml() : null;
  }
}
