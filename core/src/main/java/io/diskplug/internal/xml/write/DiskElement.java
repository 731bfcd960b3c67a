// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.SourceSpec;

/** The element of a disk that has no place yet. */
public final class DiskElement {

  private DiskElement() {}

  /**
   * A new element at each call, for the caller to fill in: target, serial, alias and address are
   * null.
   *
   * @param options how the guest shall have the disk
   * @param source where its data is
   */
  public static DiskXml of(DiskOptions options, SourceSpec source) {
    DiskXml xml = OptionElements.disk(options);
    xml.type = SourceElements.type(source);
    xml.source = SourceElements.source(source);
    return xml;
  }
}
