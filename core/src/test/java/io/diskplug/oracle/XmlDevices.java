// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import io.diskplug.domain.PciAddress;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/**
 * The devices of a domain's XML, read without the library's own reader, which is under test too.
 */
final class XmlDevices {

  /** A device; what it does not have is empty. */
  record Device(Element element, String targetDev, String alias, String address) {

    String kind() {
      return element.getTagName();
    }

    /** libvirt gives all functions of one USB controller the same alias. */
    String ownAlias() {
      return isUsbController() ? "" : alias;
    }

    boolean isUsbController() {
      return kind().equals("controller") && element.getAttribute("type").equals("usb");
    }

    boolean isPciController() {
      return kind().equals("controller") && element.getAttribute("type").equals("pci");
    }

    String xml() {
      try {
        Transformer transformer = TransformerFactory.newInstance().newTransformer();
        transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
        StringWriter text = new StringWriter();
        transformer.transform(new DOMSource(element), new StreamResult(text));
        return text.toString();
      } catch (TransformerException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public String toString() {
      return kind() + " " + targetDev + " " + alias + " at " + address;
    }
  }

  /** Controllers whose bus never takes a device while the guest runs. */
  private static final Set<String> WITHOUT_HOT_PLUG =
      Set.of("pci-expander-bus", "pcie-root", "pcie-expander-bus", "dmi-to-pci-bridge");

  private final List<Device> devices = new ArrayList<>();
  private boolean acpi;

  private XmlDevices() {}

  static XmlDevices of(String domainXml) {
    XmlDevices all = new XmlDevices();
    try {
      Element domain =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(new InputSource(new StringReader(domainXml)))
              .getDocumentElement();
      all.acpi = child(domain, "features").flatMap(f -> child(f, "acpi")).isPresent();
      for (Element element : children(child(domain, "devices").orElseThrow())) {
        // A LUN that is passed through sits on the bus of the SCSI disks.
        String bus =
            element.getTagName().equals("hostdev") && element.getAttribute("type").equals("scsi")
                ? "scsi"
                : attribute(element, "target", "bus");
        all.devices.add(
            new Device(
                element,
                element.getTagName().equals("disk") ? attribute(element, "target", "dev") : "",
                attribute(element, "alias", "name"),
                child(element, "address").map(address -> address(bus, address)).orElse("")));
      }
      return all;
    } catch (ParserConfigurationException | SAXException | IOException e) {
      throw new AssertionError(e);
    }
  }

  List<Device> all() {
    return devices;
  }

  Optional<Device> withAlias(String alias) {
    return devices.stream().filter(device -> device.alias.equals(alias)).findFirst();
  }

  /** The indexes of the PCI buses. */
  List<Integer> pciBuses() {
    return devices.stream()
        .filter(Device::isPciController)
        .map(device -> Integer.valueOf(device.element.getAttribute("index")))
        .toList();
  }

  /** The PCI bus of a device. */
  int pciBusOf(String alias) {
    return withAlias(alias)
        .flatMap(device -> child(device.element, "address"))
        .map(address -> number(address, "bus"))
        .orElseThrow();
  }

  /** Index and model of each SCSI controller. */
  List<String> scsiControllers() {
    return devices.stream()
        .map(Device::element)
        .filter(element -> element.getTagName().equals("controller"))
        .filter(element -> element.getAttribute("type").equals("scsi"))
        .map(element -> element.getAttribute("index") + " " + element.getAttribute("model"))
        .sorted()
        .toList();
  }

  /** The model of a PCI controller and whether it is hot-pluggable; empty if there is none. */
  String pciController(int index) {
    return devices.stream()
        .filter(Device::isPciController)
        .map(Device::element)
        .filter(element -> element.getAttribute("index").equals(String.valueOf(index)))
        .map(element -> element.getAttribute("model") + attribute(element, "target", "hotplug"))
        .findFirst()
        .orElse("");
  }

  /** Whether a disk on this PCI bus could be plugged and unplugged while the guest runs. */
  boolean takesHotPlug(int bus) {
    String controller = pciController(bus);
    return !controller.endsWith("off")
        && !WITHOUT_HOT_PLUG.contains(controller)
        && (acpi || !controller.startsWith("pci-root"));
  }

  /** What two devices have in common though only one may have it. */
  List<String> doubleUses() {
    List<String> doubles = new ArrayList<>();
    doubles.addAll(doubles(Device::targetDev));
    doubles.addAll(doubles(Device::ownAlias));
    doubles.addAll(doubles(Device::address));
    return doubles;
  }

  private List<String> doubles(Function<Device, String> property) {
    List<String> doubles = new ArrayList<>();
    Map<String, Device> seen = new HashMap<>();
    for (Device device : devices) {
      String value = property.apply(device);
      Device other = value.isEmpty() ? null : seen.put(value, device);
      if (other != null) {
        doubles.add(value + ": " + other + ", " + device);
      }
    }
    return doubles;
  }

  /** The devices in a PCI slot, whatever their functions. */
  List<Device> inSlot(PciAddress address) {
    String slot = address.toString().replaceAll("\\.\\d$", ".");
    return devices.stream().filter(device -> device.address.startsWith(slot)).toList();
  }

  private static String address(String bus, Element address) {
    return switch (address.getAttribute("type")) {
      case "pci" ->
          new PciAddress(
                  number(address, "domain"),
                  number(address, "bus"),
                  number(address, "slot"),
                  number(address, "function"))
              .toString();
      case "drive" ->
          String.format(
              "%s %d:%d:%d:%d",
              bus,
              number(address, "controller"),
              number(address, "bus"),
              number(address, "target"),
              number(address, "unit"));
      case "usb" -> "usb " + address.getAttribute("bus") + "." + address.getAttribute("port");
      default -> "";
    };
  }

  private static int number(Element element, String name) {
    return Integer.decode(element.getAttribute(name));
  }

  private static String attribute(Element element, String child, String name) {
    return child(element, child).map(found -> found.getAttribute(name)).orElse("");
  }

  private static Optional<Element> child(Element parent, String name) {
    return children(parent).stream().filter(e -> e.getTagName().equals(name)).findFirst();
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
}
