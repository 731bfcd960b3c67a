// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.domain.View;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.xml.read.DomainXml;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A domain for properties: what is in it, and in which views. Prints itself as domain XML.
 *
 * @param machine its machine type
 * @param kinds the views that it has
 * @param controllers its controllers besides the root bus
 * @param devices its disks and other devices
 */
record GeneratedDomain(
    Machine machine, Set<View> kinds, List<Element> controllers, List<Element> devices) {

  /** The machine types, and the models of PCI controllers that are usual with each. */
  enum Machine {
    PC("x86_64", "pc-i440fx-7.2", "pci-root", "pci-bridge", "pci-expander-bus"),
    Q35(
        "x86_64",
        "pc-q35-7.2",
        "pcie-root",
        "pcie-root-port",
        "pcie-to-pci-bridge",
        "pcie-switch-upstream-port",
        "pcie-switch-downstream-port",
        "pcie-expander-bus",
        "dmi-to-pci-bridge",
        "pci-bridge"),
    ARM("aarch64", "virt-7.2", "pcie-root", "pcie-root-port", "pcie-to-pci-bridge"),
    RISCV("riscv64", "virt", "pcie-root", "pcie-root-port"),
    POWER("ppc64le", "pseries-7.2", "pci-root", "pci-root", "pci-bridge"),
    Z("s390x", "s390-ccw-virtio-7.2", "pci-root", "pci-bridge");

    final String architecture;
    final String type;
    final String root;
    private final String models;

    Machine(String architecture, String type, String root, String... models) {
      this.architecture = architecture;
      this.type = type;
      this.root = root;
      this.models = String.join(" ", models);
    }

    List<String> models() {
      return List.of(models.split(" "));
    }
  }

  /**
   * A child of the devices element.
   *
   * @param xml the element
   * @param views the views that have it
   */
  record Element(String xml, Set<View> views) {}

  GeneratedDomain {
    kinds = EnumSet.copyOf(kinds);
    controllers = List.copyOf(controllers);
    devices = List.copyOf(devices);
  }

  DomainViews views() {
    return new DomainViews(view(View.LIVE), view(View.PERSISTENT));
  }

  /** The same domain without one of its devices. */
  GeneratedDomain without(int device) {
    List<Element> others = new ArrayList<>(devices);
    others.remove(device);
    return new GeneratedDomain(machine, kinds, controllers, others);
  }

  /** The views of the same domain with its controllers and devices in another order. */
  DomainViews shuffled(Random random) {
    return new DomainViews(
        kinds.contains(View.LIVE) ? xml(View.LIVE).shuffled(random).view(View.LIVE) : null,
        kinds.contains(View.PERSISTENT)
            ? xml(View.PERSISTENT).shuffled(random).view(View.PERSISTENT)
            : null);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (View kind : kinds) {
      text.append("\n--- ").append(kind).append("\n").append(xml(kind).xml());
    }
    return text.toString();
  }

  private @Nullable DomainView view(View kind) {
    return kinds.contains(kind) ? xml(kind).view(kind) : null;
  }

  private DomainXml xml(View kind) {
    DomainXml xml = DomainXml.of(machine.architecture, machine.type).pci(0, machine.root);
    for (List<Element> elements : List.of(controllers, devices)) {
      for (Element element : elements) {
        if (element.views().contains(kind)) {
          xml.device(element.xml());
        }
      }
    }
    return xml;
  }
}
