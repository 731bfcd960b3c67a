// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

/**
 * A PCI bus of a guest.
 *
 * @param index its number, 0 to 255: the index of the controller that provides it
 * @param model libvirt's name for the model of that controller, for example {@code pcie-root-port};
 *     {@code unknown} if this library does not know it
 * @param express whether a PCI Express device belongs here; if not, a conventional PCI device
 * @param takesDevices whether anything but controllers can be plugged in
 * @param hotPluggable whether devices can be plugged and unplugged while the guest runs
 * @param firstSlot the first slot that can be used
 * @param lastSlot the last slot that can be used
 */
public record PciBus(
    int index,
    String model,
    boolean express,
    boolean takesDevices,
    boolean hotPluggable,
    int firstSlot,
    int lastSlot) {

  /** The bus that a PCI controller provides. */
  static PciBus of(Controller controller) {
    return of(controller.index(), PciModel.of(controller.model()), controller.hotplug());
  }

  /**
   * The bus that a controller provides.
   *
   * @param index the index of the controller
   * @param model libvirt's name for its model
   */
  public static PciBus of(int index, String model) {
    return of(index, PciModel.of(model), true);
  }

  /** The root bus that a machine has even if the XML does not list it. */
  static PciBus ofRoot(PciModel model) {
    return of(0, model, true);
  }

  private static PciBus of(int index, PciModel model, boolean hotplug) {
    return new PciBus(
        index,
        model.xmlName,
        model.endpoints == PciModel.Endpoints.EXPRESS,
        model.endpoints != PciModel.Endpoints.NONE,
        model.hotPluggable && hotplug,
        model.firstSlot,
        model.lastSlot);
  }

  /**
   * Whether devices can be plugged here as they can be plugged there.
   *
   * @param other the bus with the same index in another view
   */
  public boolean isLike(PciBus other) {
    // What else there is to a bus follows from its model.
    return hotPluggable == other.hotPluggable && model.equals(other.model);
  }

  /** Whether a disk can be plugged in here while the guest runs, and unplugged again. */
  public boolean takesHotPlug() {
    return takesDevices && hotPluggable;
  }

  /** The slots that can be used, as a set of bits: slot 0 is the lowest. */
  public int slots() {
    return (-1 << firstSlot) & (-1 >>> (31 - lastSlot));
  }

  /** How many slots can be used. */
  public int slotCount() {
    return lastSlot - firstSlot + 1;
  }

  /** Names it for people: {@code PCI bus 3 (pcie-root-port)}. */
  @Override
  public String toString() {
    return "PCI bus " + index + " (" + model + ")";
  }
}
