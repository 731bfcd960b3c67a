// SPDX-License-Identifier: Apache-2.0
package io.diskplug.benchmarks;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/**
 * The baseline: what a straightforward agent does for an RBD disk, with the DOM of the JDK and with
 * string building. It reads each disk of both views into an object, and the slot and the alias of
 * every device; sees whether the image is there already, picks target dev and slot, and writes the
 * XML.
 *
 * <p>It is given an easy life: it knows one machine type and one bus, looks into no backing chain,
 * and never explains anything.
 */
final class DomAgent {

  private static final int SLOTS = 32;
  private static final int FIRST_SLOT = 3;
  private static final int ALPHABET = 26;
  private static final String ALIAS = "ua-" + Work.IMAGE;
  private static final int MOST_TARGETS = 702;

  /** A disk as the agent sees it. */
  private record AgentDisk(
      String protocol,
      String name,
      List<String> hosts,
      String targetDev,
      String bus,
      String serial,
      String cache,
      String io,
      Map<String, String> ioTune,
      boolean readOnly,
      boolean shareable) {}

  /** A view as the agent sees it. */
  private record AgentView(List<AgentDisk> disks, Set<Integer> slots, Set<String> aliases) {}

  private final Supplier<DocumentBuilderFactory> factories;

  private DomAgent(Supplier<DocumentBuilderFactory> factories) {
    this.factories = factories;
  }

  /** An agent that makes a factory for each document, as most do. */
  static DomAgent plain() {
    return new DomAgent(DomAgent::newFactory);
  }

  /** An agent that keeps its factory. */
  static DomAgent keepingItsFactory() {
    DocumentBuilderFactory factory = newFactory();
    return new DomAgent(() -> factory);
  }

  private static DocumentBuilderFactory newFactory() {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      return factory;
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The XML to send. */
  String plan(String live, String persistent) {
    Set<String> targets = new HashSet<>();
    Set<Integer> slots = new HashSet<>();
    for (AgentView view : List.of(view(live), view(persistent))) {
      for (AgentDisk disk : view.disks()) {
        if (disk.name().equals(Work.POOL + "/" + Work.IMAGE) || disk.serial().equals(Work.IMAGE)) {
          throw new IllegalStateException("attached already");
        }
        targets.add(disk.targetDev());
      }
      if (view.aliases().contains(ALIAS)) {
        throw new IllegalStateException("the alias is taken");
      }
      slots.addAll(view.slots());
    }
    return write(freeTarget(targets), freeSlot(slots));
  }

  private AgentView view(String xml) {
    Document domain = parse(xml);
    return new AgentView(disks(domain), slots(domain), aliases(domain));
  }

  private Document parse(String xml) {
    try {
      return factories.get().newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
    } catch (ParserConfigurationException | SAXException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<AgentDisk> disks(Document domain) {
    List<AgentDisk> disks = new ArrayList<>();
    NodeList elements = domain.getElementsByTagName("disk");
    for (int i = 0; i < elements.getLength(); i++) {
      Element disk = (Element) elements.item(i);
      List<String> hosts = new ArrayList<>();
      NodeList hostElements = disk.getElementsByTagName("host");
      for (int j = 0; j < hostElements.getLength(); j++) {
        Element host = (Element) hostElements.item(j);
        hosts.add(host.getAttribute("name") + ":" + host.getAttribute("port"));
      }
      disks.add(
          new AgentDisk(
              attribute(disk, "source", "protocol"),
              attribute(disk, "source", "name"),
              hosts,
              attribute(disk, "target", "dev"),
              attribute(disk, "target", "bus"),
              text(disk, "serial"),
              attribute(disk, "driver", "cache"),
              attribute(disk, "driver", "io"),
              ioTune(disk),
              disk.getElementsByTagName("readonly").getLength() > 0,
              disk.getElementsByTagName("shareable").getLength() > 0));
    }
    return disks;
  }

  private static Map<String, String> ioTune(Element disk) {
    Map<String, String> limits = new HashMap<>();
    Element ioTune = (Element) disk.getElementsByTagName("iotune").item(0);
    if (ioTune != null) {
      NodeList elements = ioTune.getElementsByTagName("*");
      for (int i = 0; i < elements.getLength(); i++) {
        limits.put(elements.item(i).getNodeName(), elements.item(i).getTextContent());
      }
    }
    return limits;
  }

  private static Set<Integer> slots(Document domain) {
    Set<Integer> slots = new HashSet<>();
    NodeList addresses = domain.getElementsByTagName("address");
    for (int i = 0; i < addresses.getLength(); i++) {
      Element address = (Element) addresses.item(i);
      if (address.getAttribute("type").equals("pci")
          && Integer.decode(address.getAttribute("bus")) == 0) {
        slots.add(Integer.decode(address.getAttribute("slot")));
      }
    }
    return slots;
  }

  private static Set<String> aliases(Document domain) {
    Set<String> aliases = new HashSet<>();
    NodeList elements = domain.getElementsByTagName("alias");
    for (int i = 0; i < elements.getLength(); i++) {
      aliases.add(((Element) elements.item(i)).getAttribute("name"));
    }
    return aliases;
  }

  private static String attribute(Element parent, String tag, String attribute) {
    Element element = (Element) parent.getElementsByTagName(tag).item(0);
    return element == null ? "" : element.getAttribute(attribute);
  }

  private static String text(Element parent, String tag) {
    Element element = (Element) parent.getElementsByTagName(tag).item(0);
    return element == null ? "" : element.getTextContent();
  }

  private static String freeTarget(Set<String> taken) {
    for (int i = 0; i < MOST_TARGETS; i++) {
      String name =
          "vd"
              + (i < ALPHABET ? "" : (char) ('a' + i / ALPHABET - 1))
              + (char) ('a' + i % ALPHABET);
      if (!taken.contains(name)) {
        return name;
      }
    }
    throw new IllegalStateException("no target dev is free");
  }

  private static int freeSlot(Set<Integer> taken) {
    for (int slot = FIRST_SLOT; slot < SLOTS; slot++) {
      if (!taken.contains(slot)) {
        return slot;
      }
    }
    throw new IllegalStateException("no slot is free");
  }

  private static String write(String dev, int slot) {
    StringBuilder xml = new StringBuilder();
    xml.append("<disk type='network' device='disk'>\n");
    xml.append("  <driver name='qemu' type='raw' cache='none' io='native'/>\n");
    xml.append("  <auth username='").append(Work.USER).append("'>\n");
    xml.append("    <secret type='ceph' uuid='").append(Work.SECRET).append("'/>\n");
    xml.append("  </auth>\n");
    xml.append("  <source protocol='rbd' name='").append(Work.POOL).append('/');
    xml.append(Work.IMAGE).append("'>\n");
    for (String monitor : Work.MONITORS) {
      xml.append("    <host name='").append(monitor).append("' port='");
      xml.append(Work.MONITOR_PORT).append("'/>\n");
    }
    xml.append("  </source>\n");
    xml.append("  <target dev='").append(dev).append("' bus='virtio'/>\n");
    xml.append("  <serial>").append(Work.IMAGE).append("</serial>\n");
    xml.append("  <alias name='").append(ALIAS).append("'/>\n");
    xml.append("  <address type='pci' domain='0x0000' bus='0x00' slot='0x");
    xml.append(Integer.toHexString(slot)).append("' function='0x0'/>\n");
    return xml.append("</disk>\n").toString();
  }
}
