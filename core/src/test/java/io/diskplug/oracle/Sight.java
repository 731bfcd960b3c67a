// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import io.diskplug.domain.View;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.util.Map;
import java.util.TreeMap;

/**
 * What libvirt shows of a domain.
 *
 * @param live the live XML, or null
 * @param persistent the persistent XML, or null
 */
record Sight(String live, String persistent) {

  /** As the library reads it. */
  DomainViews views() {
    return new DomainViews(read(live, View.LIVE), read(persistent, View.PERSISTENT));
  }

  /** The live view alone, as the library reads it. */
  DomainViews liveOnly() {
    return new DomainViews(read(live, View.LIVE), null);
  }

  private static DomainView read(String xml, View view) {
    return xml == null ? null : DomainXmlReader.readDomain(xml, view);
  }

  /** As a reader of the platform reads it, view by view. */
  Map<View, XmlDevices> devices() {
    Map<View, XmlDevices> devices = new TreeMap<>();
    if (live != null) {
      devices.put(View.LIVE, XmlDevices.of(live));
    }
    if (persistent != null) {
      devices.put(View.PERSISTENT, XmlDevices.of(persistent));
    }
    return devices;
  }

  @Override
  public String toString() {
    return "--- live ---\n" + live + "\n--- persistent ---\n" + persistent;
  }
}
