// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.match;

import io.diskplug.domain.Disk;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a request makes of a namesake of its volume: a disk with a source of the same name, and with
 * an alias of this library for another scope. It is an image of the same name in another cluster,
 * or another volume whose disk was pivoted onto this one by a block copy, which keeps the alias.
 * The XML shows no cluster; its monitors are what can tell the two.
 *
 * @param stop whether a namesake stops the request, unless its monitors are others; if not, it is
 *     listed as a disk that may be the volume
 * @param monitors where the volume of the request is reached, if the request says it
 */
public record Namesakes(boolean stop, List<String> monitors) {

  /** For requests that take away, and know no monitors: a namesake is no proof, and no obstacle. */
  public static final Namesakes LISTED = new Namesakes(false, List.of());

  /** For requests that would change the volume's disk, and know no monitors. */
  public static final Namesakes STOP = new Namesakes(true, List.of());

  private enum Spelling {
    NAME,
    IPV4,
    IPV6
  }

  /** For requests that know where the volume is reached. */
  public static Namesakes notAt(List<String> monitors) {
    return new Namesakes(true, monitors);
  }

  /**
   * Whether the disk is in another cluster: both name their monitors, in the same spelling, and
   * have none in common. The same cluster can be given by name and by address. The port does not
   * matter: a monitor has two.
   */
  boolean isElsewhere(Disk disk) {
    Set<String> asked = hosts(monitors);
    Set<String> shown = hosts(disk.source().hosts());
    return !asked.isEmpty()
        && !shown.isEmpty()
        && asked.stream().noneMatch(shown::contains)
        && spellings(asked).equals(spellings(shown));
  }

  private static Set<String> hosts(List<String> hosts) {
    return hosts.stream().map(Namesakes::withoutCase).collect(Collectors.toSet());
  }

  private static String withoutCase(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  private static Set<Spelling> spellings(Set<String> hosts) {
    return hosts.stream().map(Namesakes::spelling).collect(Collectors.toSet());
  }

  private static Spelling spelling(String host) {
    if (host.indexOf(':') >= 0) {
      return Spelling.IPV6;
    }
    return host.matches("[0-9.]+") ? Spelling.IPV4 : Spelling.NAME;
  }
}
