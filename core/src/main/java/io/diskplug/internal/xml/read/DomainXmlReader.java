// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.SecretDefinition;
import io.diskplug.internal.model.StoragePool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Reads libvirt's XML.
 *
 * <p>It passes over everything that it does not know, and insists on what it needs: well-formed XML
 * without a document type declaration; a domain's UUID, name and architecture; every disk's target
 * dev; every controller's type and index; numbers that can be numbers of their kind. It never
 * answers with a part of a document. It refuses what libvirt never sends: documents of more than 4
 * MiB, and more than 512 levels. The daemon is trusted beyond that: a document with a hundred
 * thousand attributes in a tag, namespaces or different names takes from seconds to minutes.
 *
 * <p>Static and without state: safe for use by any thread.
 */
public final class DomainXmlReader {

  private DomainXmlReader() {}

  /**
   * Reads the XML of a domain ({@code virDomainGetXMLDesc}).
   *
   * @param xml the document
   * @param view which view of the domain the document is
   * @throws DomainXmlException if it cannot be read
   */
  public static DomainView readDomain(String xml, View view) {
    XmlCursor cursor = new XmlCursor(xml);
    cursor.root("domain");
    DomainView domain = DomainReader.read(cursor, view);
    cursor.end();
    return domain;
  }

  /**
   * Reads the XML of a disk.
   *
   * @param diskXml a document with a {@code <disk>} as its root element
   * @throws DomainXmlException if it cannot be read
   */
  public static Disk readDisk(String diskXml) {
    XmlCursor cursor = new XmlCursor(diskXml);
    cursor.root("disk");
    Disk disk = DiskReader.read(cursor);
    cursor.end();
    return disk;
  }

  /**
   * Reads the XML of a secret ({@code virSecretGetXMLDesc}).
   *
   * @param secretXml a document with a {@code <secret>} as its root element
   * @throws DomainXmlException if it cannot be read
   */
  public static SecretDefinition readSecret(String secretXml) {
    XmlCursor cursor = new XmlCursor(secretXml);
    cursor.root("secret");
    SecretDefinition secret = SecretReader.read(cursor);
    cursor.end();
    return secret;
  }

  /**
   * Reads the XML of a storage pool ({@code virStoragePoolGetXMLDesc}).
   *
   * @param poolXml a document with a {@code <pool>} as its root element
   * @throws DomainXmlException if it cannot be read
   */
  public static StoragePool readPool(String poolXml) {
    XmlCursor cursor = new XmlCursor(poolXml);
    cursor.root("pool");
    StoragePool pool = PoolReader.read(cursor);
    cursor.end();
    return pool;
  }

  /**
   * The {@code <disk>} element with the given target dev, character by character as the document
   * has it, to be handed back to libvirt.
   *
   * @param domainXml the XML of a domain
   * @param targetDev the target dev, for example {@code vdb}
   * @return the element, or nothing if no disk has this target dev
   * @throws DomainXmlException if the document is not well-formed, or its root is not a domain
   */
  public static Optional<String> diskXml(String domainXml, String targetDev) {
    List<String> found = new ArrayList<>();
    eachDisk(
        domainXml,
        disk -> {
          int start = disk.elementStart();
          if (hasTarget(disk, targetDev)) {
            found.add(disk.verbatim(start, disk.position()));
          }
        });
    return found.stream().findFirst();
  }

  /**
   * A {@code <disk>} element without what libvirt has found out or made up by itself: the layers
   * below the source, and an alias that is not the user's. Everything else is character by
   * character as it was.
   *
   * @param diskXml the element, as {@link #diskXml} gives it
   * @throws DomainXmlException if it is not well-formed, or its root is not a disk
   */
  public static String definition(String diskXml) {
    return rewritten(
        diskXml, Set.of("backingStore"), alias -> !alias.startsWith(Disk.USER_ALIAS), "");
  }

  /**
   * A {@code <disk>} element with another alias than it has, and nothing else changed.
   *
   * @param diskXml the element, as {@link #diskXml} gives it
   * @param alias the alias; letters, digits, {@code -} and {@code _}
   * @throws DomainXmlException if it is not well-formed, or its root is not a disk
   */
  public static String withAlias(String diskXml, String alias) {
    return rewritten(diskXml, Set.of(), old -> true, "<alias name='" + alias + "'/>");
  }

  /**
   * A {@code <disk>} element with other values in its {@code <iotune>}, and nothing else changed.
   * One without {@code <iotune>}, or with an empty one, stays as it is.
   *
   * @param diskXml the element, as {@link #diskXml} gives it
   * @param without the names of the values that are left out
   * @param add what is added, numbers by their names
   * @throws DomainXmlException if it is not well-formed, or its root is not a disk
   */
  public static String withIoTune(String diskXml, Set<String> without, Map<String, Long> add) {
    XmlCursor cursor = new XmlCursor(diskXml);
    cursor.root("disk");
    StringBuilder rewritten = new StringBuilder();
    int kept = 0;
    while (cursor.nextChild()) {
      if (!cursor.name().equals("iotune")) {
        cursor.skip();
        continue;
      }
      while (cursor.nextChild()) {
        int start = cursor.elementStart();
        boolean drop = without.contains(cursor.name());
        cursor.skip();
        if (drop) {
          rewritten.append(diskXml, kept, start);
          kept = cursor.position();
        }
      }
      if (diskXml.startsWith("/>", cursor.position() - 2)) {
        continue;
      }
      int end = diskXml.lastIndexOf("</", cursor.position());
      rewritten.append(diskXml, kept, end);
      add.forEach((name, value) -> rewritten.append("<%s>%d</%s>".formatted(name, value, name)));
      kept = end;
    }
    cursor.end();
    return rewritten.append(diskXml, kept, diskXml.length()).toString();
  }

  private static String rewritten(
      String diskXml, Set<String> without, Predicate<String> dropAlias, String add) {
    XmlCursor cursor = new XmlCursor(diskXml);
    cursor.root("disk");
    StringBuilder definition = new StringBuilder();
    int kept = 0;
    while (cursor.nextChild()) {
      int start = cursor.elementStart();
      boolean drop = without.contains(cursor.name());
      if (cursor.name().equals("alias")) {
        String alias = cursor.attribute("name");
        drop = alias == null || dropAlias.test(alias);
      }
      cursor.skip();
      if (drop) {
        definition.append(diskXml, kept, start);
        kept = cursor.position();
      }
    }
    cursor.end();
    int end = diskXml.lastIndexOf("</");
    return definition
        .append(diskXml, kept, end)
        .append(add)
        .append(diskXml, end, diskXml.length())
        .toString();
  }

  /**
   * Whether a {@code <disk>} element has a child of this name.
   *
   * @param diskXml the element
   * @param child the name
   * @throws DomainXmlException if it is not well-formed, or its root is not a disk
   */
  public static boolean diskHas(String diskXml, String child) {
    XmlCursor cursor = new XmlCursor(diskXml);
    cursor.root("disk");
    boolean found = false;
    while (cursor.nextChild()) {
      found |= cursor.name().equals(child);
      cursor.skip();
    }
    cursor.end();
    return found;
  }

  /**
   * The numbers in the names of the block nodes that libvirt has made for disks: {@code index} of
   * {@code <source>} and {@code <backingStore>}, in all layers and mirrors. libvirt shows them in
   * the live view.
   *
   * @param domainXml the XML of a domain
   * @throws DomainXmlException if the document is not well-formed, or its root is not a domain
   */
  public static Set<Integer> blockNodeNumbers(String domainXml) {
    Set<Integer> numbers = new HashSet<>();
    eachDisk(domainXml, disk -> addNumbers(disk, numbers));
    return Set.copyOf(numbers);
  }

  private static void addNumbers(XmlCursor cursor, Set<Integer> numbers) {
    while (cursor.nextChild()) {
      // Of the uppermost layer at its source, of those below at the layer itself (libvirt 9.0).
      if (cursor.name().equals("source") || cursor.name().equals("backingStore")) {
        Integer number = XmlNumbers.decimalOrNull(cursor.attribute("index"), Integer.MAX_VALUE);
        if (number != null) {
          numbers.add(number);
        }
      }
      addNumbers(cursor, numbers);
    }
  }

  /**
   * What applications have noted in a domain ({@code virDomainSetMetadata}): the attributes of each
   * element of its {@code <metadata>}, by the element's namespace. libvirt keeps one element for a
   * namespace.
   *
   * @param domainXml the XML of a domain
   * @throws DomainXmlException if the document is not well-formed, or its root is not a domain
   */
  public static Map<String, Map<String, String>> metadata(String domainXml) {
    Map<String, Map<String, String>> metadata = new HashMap<>();
    each(
        domainXml,
        "metadata",
        note -> {
          metadata.put(note.namespace(), note.attributes());
          note.skip();
        });
    return Map.copyOf(metadata);
  }

  /** Hands over the cursor in each disk of a domain; the reader leaves the element. */
  private static void eachDisk(String domainXml, Consumer<XmlCursor> reader) {
    each(
        domainXml,
        "devices",
        device -> {
          if (device.name().equals("disk")) {
            reader.accept(device);
          } else {
            device.skip();
          }
        });
  }

  /**
   * Hands over the cursor in each child of a section of a domain; the reader leaves the element.
   */
  private static void each(String domainXml, String section, Consumer<XmlCursor> reader) {
    XmlCursor cursor = new XmlCursor(domainXml);
    cursor.root("domain");
    while (cursor.nextChild()) {
      if (!cursor.name().equals(section)) {
        cursor.skip();
        continue;
      }
      while (cursor.nextChild()) {
        reader.accept(cursor);
      }
    }
    cursor.end();
  }

  private static boolean hasTarget(XmlCursor disk, String targetDev) {
    boolean found = false;
    while (disk.nextChild()) {
      found |= disk.name().equals("target") && targetDev.equals(disk.attribute("dev"));
      disk.skip();
    }
    return found;
  }
}
