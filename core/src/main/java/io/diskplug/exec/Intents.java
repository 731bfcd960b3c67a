// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.DomainXmlReader;
import java.util.Map;
import java.util.TreeMap;

/**
 * Unplug requests as they are noted in the domain itself, so that another process knows of them
 * after this one has gone: one namespace for a volume, since libvirt keeps one element for each and
 * two writers of one would overwrite each other. A note is written before the request is made, and
 * holds in the start of the domain that it names.
 */
final class Intents {

  private static final String NAMESPACE = "urn:diskplug:unplug:";
  private static final String START = "start";

  private Intents() {}

  /** Where the intent to unplug a volume is noted. */
  static String namespace(String alias) {
    return NAMESPACE + alias;
  }

  /** The note. */
  static String element(DomainStatus status) {
    return "<unplug " + START + "='" + status.id() + "'/>";
  }

  /**
   * Whether there is a note of the volume, of whichever start: one can come back from a saved
   * image.
   */
  static boolean isThere(Snapshot snapshot, String alias) {
    String xml = snapshot.liveXml();
    return xml != null && xml.contains(namespace(alias));
  }

  /** All the notes: for each alias, whether it is of this start of the domain. */
  static Map<String, Boolean> all(Snapshot snapshot) {
    String xml = snapshot.liveXml();
    if (xml == null || !xml.contains(NAMESPACE)) {
      return Map.of();
    }
    Map<String, Boolean> notes = new TreeMap<>();
    DomainXmlReader.metadata(xml)
        .forEach(
            (namespace, note) -> {
              if (namespace.startsWith(NAMESPACE)) {
                notes.put(namespace.substring(NAMESPACE.length()), isOfThisStart(snapshot, note));
              }
            });
    return notes;
  }

  /** Whether an intent to unplug the volume is noted in this start of the domain. */
  static boolean isNoted(Snapshot snapshot, String alias) {
    String xml = snapshot.liveXml();
    if (xml == null || !isThere(snapshot, alias)) {
      return false;
    }
    Map<String, String> note =
        DomainXmlReader.metadata(xml).getOrDefault(namespace(alias), Map.of());
    return isOfThisStart(snapshot, note);
  }

  private static boolean isOfThisStart(Snapshot snapshot, Map<String, String> note) {
    return Integer.toString(snapshot.status().id()).equals(note.get(START));
  }
}
