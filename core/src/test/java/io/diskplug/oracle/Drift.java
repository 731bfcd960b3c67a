// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import static io.diskplug.oracle.OracleDomain.CONFIG;
import static io.diskplug.oracle.OracleDomain.LIVE;

import io.diskplug.domain.View;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.libvirt.LibvirtException;

/**
 * Drives the two views of a running domain apart, as other actors do: with calls that change one
 * view only, or both without naming an address. What libvirt refuses does not happen.
 */
final class Drift {

  private final Dice dice;
  private final OracleDomain domain;
  private final Tally tally;

  Drift(Dice dice, OracleDomain domain, Tally tally) {
    this.dice = dice;
    this.domain = domain;
    this.tally = tally;
  }

  void drift() throws LibvirtException {
    for (int changes = dice.between(0, 8); changes > 0; changes--) {
      if (change().isEmpty()) {
        tally.count(Tally.Count.DRIFT);
      }
    }
  }

  private Optional<String> change() throws LibvirtException {
    return switch (dice.between(0, 9)) {
      case 0, 1 -> attachDisk(LIVE);
      case 2, 3 -> attachDisk(CONFIG);
      case 4 -> attachDisk(LIVE | CONFIG);
      case 5 -> domain.attach(device(), dice.pickOf(LIVE, CONFIG));
      case 6 -> domain.attach(pciController(), CONFIG);
      case 7 -> detach(View.PERSISTENT, CONFIG, List.of("controller"));
      case 8 -> detach(View.LIVE, LIVE, List.of("scsi disk"));
      default -> detach(View.PERSISTENT, CONFIG, List.of("disk", "rng", "interface", "input"));
    };
  }

  private Optional<String> attachDisk(int flags) {
    boolean scsi = dice.chance(30);
    String target =
        dice.pickOf("vd", "vd", "sd", "hd") + (char) ('a' + dice.between(0, dice.pickOf(5, 25)));
    return domain.attach(
        domain.diskXml(scsi ? "scsi" : "virtio", target, domain.newAlias(), null), flags);
  }

  private String device() {
    return dice.pickOf(
        "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>",
        "<interface type='user'><model type='virtio'/></interface>",
        "<controller type='scsi' index='" + dice.between(0, 3) + "' model='virtio-scsi'/>");
  }

  private String pciController() {
    String model = dice.pickOf("pcie-root-port", "pci-bridge");
    String off = model.equals("pcie-root-port") && dice.chance(30) ? "<target hotplug='off'/>" : "";
    return "<controller type='pci' model='" + model + "'>" + off + "</controller>";
  }

  /**
   * Detaches what needs no co-operation of a guest: none runs. Not a USB controller: libvirt lets
   * one go that others need, and then refuses every further change.
   */
  private Optional<String> detach(View from, int flags, List<String> kinds)
      throws LibvirtException {
    Map<View, XmlDevices> views = domain.look().devices();
    List<XmlDevices.Device> candidates =
        views.get(from).all().stream()
            .filter(device -> !device.isUsbController())
            .filter(device -> kinds.contains(kind(device, from)))
            .toList();
    return candidates.isEmpty()
        ? Optional.of("nothing to detach")
        : domain.detach(dice.pick(candidates).xml(), flags);
  }

  private static String kind(XmlDevices.Device device, View from) {
    return from == View.LIVE && device.address().startsWith("scsi ") ? "scsi disk" : device.kind();
  }
}
