// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.DomainXmlReader;
import java.util.ArrayList;
import java.util.List;
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
  private static final String DEVICE = "device";

  /**
   * What a note says.
   *
   * @param alias the alias of the volume
   * @param device the alias of its live disk
   * @param isOfThisStart whether it is of this start of the domain
   */
  record Note(String alias, String device, boolean isOfThisStart) {}

  private Intents() {}

  /** Where the intent to unplug a volume is noted. */
  static String namespace(String alias) {
    return NAMESPACE + alias;
  }

  /**
   * The note.
   *
   * @param device the alias of the live disk, which is another one for a disk of another tool
   */
  static String element(DomainStatus status, String device) {
    return "<unplug %s='%d' %s='%s'/>".formatted(START, status.id(), DEVICE, device);
  }

  /**
   * Whether there is a note of the volume, of whichever start: one can come back from a saved
   * image.
   */
  static boolean isThere(Snapshot snapshot, String alias) {
    String xml = snapshot.liveXml();
    return xml != null && xml.contains(namespace(alias));
  }

  /** All the notes, in the order of their aliases. */
  static List<Note> all(Snapshot snapshot) {
    String xml = snapshot.liveXml();
    if (xml == null || !xml.contains(NAMESPACE)) {
      return List.of();
    }
    List<Note> notes = new ArrayList<>();
    new TreeMap<>(DomainXmlReader.metadata(xml))
        .forEach(
            (namespace, note) -> {
              if (namespace.startsWith(NAMESPACE)) {
                String alias = namespace.substring(NAMESPACE.length());
                notes.add(
                    new Note(
                        alias, note.getOrDefault(DEVICE, alias), isOfThisStart(snapshot, note)));
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
