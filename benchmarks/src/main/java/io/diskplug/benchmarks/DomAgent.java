// SPDX-License-Identifier: Apache-2.0
package io.diskplug.benchmarks;

import java.io.IOException;
import java.io.StringReader;
import java.util.HashSet;
import java.util.Set;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/**
 * The baseline: finds a place for an RBD disk and writes its XML the way a straightforward agent
 * does, with the DOM of the JDK and with string building. It knows one machine type, one bus and
 * nothing of what can go wrong.
 *
 * <p>In its favour: the factory is made once, each document is parsed once, each element is looked
 * at once, and nothing is read that the choice does not need.
 */
final class DomAgent {

  private static final int SLOTS = 32;
  private static final int FIRST_FREE_SLOT = 3;
  private static final int ALPHABET = 26;

  private final DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultInstance();

  DomAgent() {
    try {
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The XML of a disk at the first place that is free in both views. */
  String plan(String live, String persistent, String pool, String image, String[] monitors) {
    Set<String> devs = new HashSet<>();
    Set<Integer> slots = new HashSet<>();
    collect(parse(live), devs, slots);
    collect(parse(persistent), devs, slots);
    String dev = null;
    for (int i = 0; dev == null && i < 2 * ALPHABET; i++) {
      String name = i < ALPHABET ? "vd" + (char) ('a' + i) : "vda" + (char) ('a' + i - ALPHABET);
      if (!devs.contains(name)) {
        dev = name;
      }
    }
    int slot = FIRST_FREE_SLOT;
    while (slot < SLOTS && slots.contains(slot)) {
      slot++;
    }
    if (dev == null || slot == SLOTS) {
      throw new IllegalStateException("no room");
    }
    return write(dev, slot, pool, image, monitors);
  }

  private Document parse(String xml) {
    try {
      DocumentBuilder builder = factory.newDocumentBuilder();
      return builder.parse(new InputSource(new StringReader(xml)));
    } catch (ParserConfigurationException | SAXException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void collect(Document domain, Set<String> devs, Set<Integer> slots) {
    NodeList disks = domain.getElementsByTagName("disk");
    for (int i = 0; i < disks.getLength(); i++) {
      Element target = (Element) ((Element) disks.item(i)).getElementsByTagName("target").item(0);
      devs.add(target.getAttribute("dev"));
    }
    NodeList addresses = domain.getElementsByTagName("address");
    for (int i = 0; i < addresses.getLength(); i++) {
      Element address = (Element) addresses.item(i);
      if (address.getAttribute("type").equals("pci")
          && Integer.decode(address.getAttribute("bus")) == 0) {
        slots.add(Integer.decode(address.getAttribute("slot")));
      }
    }
  }

  private static String write(String dev, int slot, String pool, String image, String[] monitors) {
    StringBuilder xml = new StringBuilder();
    xml.append("<disk type='network' device='disk'>\n");
    xml.append("  <driver name='qemu' type='raw' cache='none' io='native'/>\n");
    xml.append("  <auth username='cinder'>\n");
    xml.append("    <secret type='ceph' uuid='e188a5fa-9456-4682-a41a-01928d750030'/>\n");
    xml.append("  </auth>\n");
    xml.append("  <source protocol='rbd' name='").append(pool).append('/').append(image);
    xml.append("'>\n");
    for (String monitor : monitors) {
      xml.append("    <host name='").append(monitor).append("' port='6789'/>\n");
    }
    xml.append("  </source>\n");
    xml.append("  <target dev='").append(dev).append("' bus='virtio'/>\n");
    xml.append("  <serial>").append(image).append("</serial>\n");
    xml.append("  <address type='pci' domain='0x0000' bus='0x00' slot='0x");
    xml.append(Integer.toHexString(slot)).append("' function='0x0'/>\n");
    return xml.append("</disk>\n").toString();
  }
}
