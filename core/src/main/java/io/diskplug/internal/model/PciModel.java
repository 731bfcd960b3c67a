// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import org.jspecify.annotations.Nullable;

/**
 * The models of PCI controllers and what the bus of each takes, as in libvirt's {@code
 * virDomainPCIAddressBusSetModel}, with one exception: see {@link #PCI_EXPANDER_BUS}.
 */
enum PciModel {
  PCI_ROOT("pci-root", Endpoints.CONVENTIONAL, true, 1, 31),
  PCI_BRIDGE("pci-bridge", Endpoints.CONVENTIONAL, true, 1, 31),
  PCIE_TO_PCI_BRIDGE("pcie-to-pci-bridge", Endpoints.CONVENTIONAL, true, 1, 31),

  /**
   * libvirt takes its bus for hot-pluggable; QEMU refuses ("Bus … does not support hotplugging",
   * seen with 7.2), for the bridge inside has no hot-plug controller. A pci-bridge on it has one.
   */
  PCI_EXPANDER_BUS("pci-expander-bus", Endpoints.CONVENTIONAL, false, 0, 31),

  DMI_TO_PCI_BRIDGE("dmi-to-pci-bridge", Endpoints.CONVENTIONAL, false, 0, 31),
  PCIE_ROOT("pcie-root", Endpoints.EXPRESS, false, 1, 31),
  PCIE_ROOT_PORT("pcie-root-port", Endpoints.EXPRESS, true, 0, 0),
  PCIE_SWITCH_DOWNSTREAM_PORT("pcie-switch-downstream-port", Endpoints.EXPRESS, true, 0, 0),
  PCIE_SWITCH_UPSTREAM_PORT("pcie-switch-upstream-port", Endpoints.NONE, false, 0, 31),
  PCIE_EXPANDER_BUS("pcie-expander-bus", Endpoints.NONE, false, 0, 31),

  /** A model that this library does not know: nothing is placed there. */
  UNKNOWN("unknown", Endpoints.NONE, false, 0, 31);

  /** What kind of device, other than a controller, fits a bus. */
  enum Endpoints {
    NONE,
    CONVENTIONAL,
    EXPRESS
  }

  private static final PciModel[] MODELS = values();

  final String xmlName;
  final Endpoints endpoints;
  final boolean hotPluggable;
  final int firstSlot;
  final int lastSlot;

  PciModel(String xmlName, Endpoints endpoints, boolean hotPluggable, int firstSlot, int lastSlot) {
    this.xmlName = xmlName;
    this.endpoints = endpoints;
    this.hotPluggable = hotPluggable;
    this.firstSlot = firstSlot;
    this.lastSlot = lastSlot;
  }

  static PciModel of(@Nullable String xmlName) {
    for (PciModel model : MODELS) {
      if (model.xmlName.equals(xmlName)) {
        return model;
      }
    }
    return UNKNOWN;
  }
}
