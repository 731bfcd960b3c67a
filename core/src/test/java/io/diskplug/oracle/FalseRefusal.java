// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import io.diskplug.domain.DiskBus;
import io.diskplug.domain.View;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Why the library refuses a disk that libvirt takes. */
enum FalseRefusal {
  /** Nothing can be plugged into this domain while it runs, whatever is chosen. */
  NO_BUS_WITH_HOT_PLUG("virtio, shut off, no bus with hot-plug: libvirt takes an ordinary slot"),

  /** There are buses with hot-plug, and all of them are full. */
  BUSES_WITH_HOT_PLUG_FULL("virtio, shut off, buses with hot-plug full: libvirt takes another"),

  /** libvirt makes room. */
  BUS_ADDED("virtio, shut off: libvirt adds a PCI bus"),

  /** The library gives a disk one address in all views, libvirt does not. */
  VIEWS_DIFFER("virtio, running: libvirt gives each view an address of its own"),

  /** libvirt plugs a controller of the machine's default model. */
  NO_SCSI_CONTROLLER("scsi: there is no controller, and libvirt plugs one"),

  /** One view has a controller that the other has not, or not the same one. */
  SCSI_CONTROLLERS_DIFFER("scsi, running: the views have different controllers"),

  /** The controllers are full, or of a model that the library does not use. */
  SCSI_CONTROLLERS_OF_NO_USE("scsi: libvirt plugs another controller, or uses one in another way");

  private final String text;

  FalseRefusal(String text) {
    this.text = text;
  }

  /**
   * The reason, by what the views show; empty if none of these explains it.
   *
   * @param bus the bus that was asked for
   * @param before the views before libvirt took the disk
   * @param after the views with the disk
   * @param alias its alias
   */
  static Optional<FalseRefusal> of(DiskBus bus, Sight before, Sight after, String alias) {
    Map<View, XmlDevices> then = before.devices();
    Map<View, XmlDevices> now = after.devices();
    return bus == DiskBus.SCSI ? ofScsi(then, now) : ofVirtio(then, now, alias);
  }

  private static Optional<FalseRefusal> ofVirtio(
      Map<View, XmlDevices> before, Map<View, XmlDevices> after, String alias) {
    if (before.containsKey(View.LIVE)) {
      List<String> addresses =
          after.values().stream()
              .map(view -> view.withAlias(alias).orElseThrow().address())
              .distinct()
              .toList();
      return addresses.size() > 1 ? Optional.of(VIEWS_DIFFER) : Optional.empty();
    }
    XmlDevices then = before.get(View.PERSISTENT);
    XmlDevices now = after.get(View.PERSISTENT);
    if (now.pciBuses().size() > then.pciBuses().size()) {
      return Optional.of(BUS_ADDED);
    } else if (then.pciBuses().stream().noneMatch(then::takesHotPlug)) {
      return Optional.of(NO_BUS_WITH_HOT_PLUG);
    }
    return now.takesHotPlug(now.pciBusOf(alias))
        ? Optional.empty()
        : Optional.of(BUSES_WITH_HOT_PLUG_FULL);
  }

  private static Optional<FalseRefusal> ofScsi(
      Map<View, XmlDevices> before, Map<View, XmlDevices> after) {
    List<List<String>> controllers =
        before.values().stream().map(XmlDevices::scsiControllers).distinct().toList();
    if (controllers.size() > 1) {
      return Optional.of(SCSI_CONTROLLERS_DIFFER);
    } else if (controllers.get(0).isEmpty()) {
      return after.values().stream().noneMatch(view -> view.scsiControllers().isEmpty())
          ? Optional.of(NO_SCSI_CONTROLLER)
          : Optional.empty();
    }
    return Optional.of(SCSI_CONTROLLERS_OF_NO_USE);
  }

  @Override
  public String toString() {
    return text;
  }
}
