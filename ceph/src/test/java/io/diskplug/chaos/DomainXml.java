// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NamedNodeMap;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/**
 * One view of a domain, read without the library: an auditor that reads with the eyes of the
 * audited sees what they see.
 *
 * @param disks its disks
 * @param devices every device's alias and PCI address
 * @param notes the namespaces of the library's notes in the metadata
 */
record DomainXml(List<Disk> disks, List<Device> devices, List<String> notes) {

  private static final String NOTES = "urn:diskplug:";

  /**
   * A disk.
   *
   * @param source its kind and name, joined with a colon
   * @param operations the operations a second that it is limited to, 0 for no limit
   */
  record Disk(
      String source, String target, String alias, String serial, String address, long operations) {}

  /** A device of whatever kind; what it does not have is empty. */
  record Device(String what, String alias, String address) {}

  static DomainXml parse(String xml) {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setNamespaceAware(true);
      Element domain =
          factory
              .newDocumentBuilder()
              .parse(new InputSource(new StringReader(xml)))
              .getDocumentElement();
      List<String> notes = new ArrayList<>();
      child(domain, "metadata")
          .ifPresent(
              metadata ->
                  children(metadata).stream()
                      .map(Node::getNamespaceURI)
                      .filter(uri -> uri != null && uri.startsWith(NOTES))
                      .forEach(notes::add));
      List<Disk> disks = new ArrayList<>();
      List<Device> devices = new ArrayList<>();
      for (Element device : children(child(domain, "devices").orElseThrow())) {
        String alias = attribute(device, "alias", "name");
        String address = child(device, "address").map(DomainXml::attributes).orElse("");
        // A console is the first serial port under another name.
        if (!device.getLocalName().equals("console")) {
          devices.add(new Device(device.getLocalName(), alias, address));
        }
        if (device.getLocalName().equals("disk")) {
          String serial = child(device, "serial").map(Element::getTextContent).orElse("");
          String target = attribute(device, "target", "dev");
          disks.add(new Disk(sourceOf(device), target, alias, serial, address, operations(device)));
        }
      }
      return new DomainXml(List.copyOf(disks), List.copyOf(devices), List.copyOf(notes));
    } catch (ParserConfigurationException | SAXException | IOException e) {
      throw new IllegalArgumentException("libvirt's XML cannot be read", e);
    }
  }

  private static long operations(Element disk) {
    return child(disk, "iotune")
        .flatMap(limits -> child(limits, "total_iops_sec"))
        .map(element -> Long.valueOf(element.getTextContent()))
        .orElse(0L);
  }

  private static String sourceOf(Element disk) {
    String file = attribute(disk, "source", "file");
    return file.isEmpty()
        ? attribute(disk, "source", "protocol") + ":" + attribute(disk, "source", "name")
        : "file:" + file;
  }

  /** All attributes in alphabetical order, so that equal addresses are equal strings. */
  private static String attributes(Element element) {
    Map<String, String> all = new TreeMap<>();
    NamedNodeMap attributes = element.getAttributes();
    for (int i = 0; i < attributes.getLength(); i++) {
      all.put(attributes.item(i).getNodeName(), attributes.item(i).getNodeValue());
    }
    return all.toString();
  }

  private static String attribute(Element parent, String name, String attribute) {
    return child(parent, name).map(element -> element.getAttribute(attribute)).orElse("");
  }

  private static Optional<Element> child(Element parent, String name) {
    return children(parent).stream().filter(e -> name.equals(e.getLocalName())).findFirst();
  }

  private static List<Element> children(Element parent) {
    List<Element> children = new ArrayList<>();
    for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element) {
        children.add(element);
      }
    }
    return children;
  }

  List<Disk> disksOf(String source) {
    return disks.stream().filter(disk -> disk.source().equals(source)).toList();
  }

  /** What is used twice, in words; nothing in a view that is as it should be. */
  List<String> usedTwice() {
    List<String> twice = new ArrayList<>();
    twice.addAll(twice("target dev", disks, Disk::target));
    twice.addAll(twice("alias", devices, Device::alias));
    // SCSI disks have addresses behind a controller; no other kind is used in the lab.
    twice.addAll(twice("address", devices, Device::address));
    return twice;
  }

  /** Sources that are attached twice. */
  List<String> attachedTwice() {
    return twice("source", disks, Disk::source);
  }

  private static <T> List<String> twice(String what, List<T> all, Function<T, String> key) {
    Set<String> seen = new HashSet<>();
    return all.stream()
        .map(key)
        .filter(value -> !value.isEmpty() && !value.startsWith("{type=none"))
        .filter(value -> !seen.add(value))
        .map(value -> what + " " + value)
        .collect(Collectors.toList());
  }
}
