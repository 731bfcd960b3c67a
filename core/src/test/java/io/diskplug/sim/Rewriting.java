// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.domain.Disk;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What libvirt 9.0 makes of the text of an element before it keeps it. */
final class Rewriting {

  private static final Pattern DRIVER = Pattern.compile("<driver\\b[^>]*>");
  private static final Pattern ENCRYPTION = Pattern.compile("<encryption\\b[^>]*>");
  private static final Pattern BLOCK_IO = Pattern.compile("<blockio\\b[^>]*/>");
  private static final Pattern NO_SERIAL = Pattern.compile("<serial\\s*/>|<serial></serial>");
  private static final Pattern DEFAULT_CACHE = Pattern.compile("\\scache=(['\"])default\\1");
  private static final Pattern ZERO = Pattern.compile("\\s\\w+=(['\"])0+\\1");
  private static final Pattern LEADING_ZEROES = Pattern.compile("(=['\"])0+(?=[1-9])");
  private static final Pattern NO_ATTRIBUTES = Pattern.compile("<blockio\\s*/>");

  private Rewriting() {}

  /** What is written down, in whichever view. */
  static String kept(Generation generation, String body) {
    String kept = DRIVER.matcher(body).replaceAll(Rewriting::driver);
    if (!DRIVER.matcher(kept).find()) {
      kept = kept.replaceFirst("<source\\b", "<driver name='qemu' type='raw'/><source");
    }
    if (generation.encryptionHasAnEngine()) {
      kept = ENCRYPTION.matcher(kept).replaceAll(tag -> attribute(tag.group(), "engine", "qemu"));
    }
    kept = BLOCK_IO.matcher(kept).replaceAll(Rewriting::blockIo);
    return NO_SERIAL.matcher(kept).replaceAll("");
  }

  private static String driver(MatchResult tag) {
    String driver = DEFAULT_CACHE.matcher(tag.group()).replaceAll("");
    driver = attribute(attribute(driver, "type", "raw"), "name", "qemu");
    return LEADING_ZEROES.matcher(driver).replaceAll("$1");
  }

  private static String blockIo(MatchResult tag) {
    String sizes = ZERO.matcher(tag.group()).replaceAll("");
    sizes = LEADING_ZEROES.matcher(sizes).replaceAll("$1");
    return NO_ATTRIBUTES.matcher(sizes).replaceAll("");
  }

  /** The tag with an attribute that it may have already. */
  private static String attribute(String tag, String name, String value) {
    return tag.matches("(?s).*\\s" + name + "=.*")
        ? tag
        : tag.replaceFirst("(/?>)$", " " + name + "='" + value + "'$1");
  }

  /** Limits that are zero are none. */
  static DiskDefinition withoutZeroes(DiskDefinition disk) {
    Map<String, String> limits = new HashMap<>(disk.disk().ioTune());
    boolean changed = limits.values().removeIf(value -> value.matches("0+"));
    for (Map.Entry<String, String> limit : limits.entrySet()) {
      String number = limit.getValue();
      if (number.matches("0+[1-9][0-9]*")) {
        changed = true;
        limit.setValue(number.replaceFirst("0+", ""));
      }
    }
    return changed ? disk.limitedTo(limits) : disk;
  }

  /**
   * Where several domains may write, the running one must not cache ({@code
   * qemuDomainPrepareDiskCachemode}).
   */
  static String running(String body) {
    Disk disk = DomainXmlReader.readDisk(body);
    return disk.shareable() && !disk.readOnly() && !disk.driver().containsKey("cache")
        ? DRIVER.matcher(body).replaceAll(tag -> attribute(tag.group(), "cache", "none"))
        : body;
  }
}
