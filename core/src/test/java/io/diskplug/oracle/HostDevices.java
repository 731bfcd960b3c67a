// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import io.diskplug.lab.Lab;

/**
 * Random devices of the host that a domain has. Those of a domain that is not started need not be
 * there; one that is started has LUNs of the lab's iSCSI target only.
 */
final class HostDevices {

  private static final int PERCENT = 15;

  private static final int PCI = 0;
  private static final int SCSI_HOST = 1;
  private static final int LUN = 2;

  private final Dice dice;
  private final Lab lab;
  private final StringBuilder xml = new StringBuilder();

  HostDevices(Dice dice, Lab lab, boolean started) {
    this.dice = dice;
    this.lab = lab;
    if (dice.chance(PERCENT)) {
      // libvirt takes one of the host's devices once.
      int first = started ? LUN : dice.between(PCI, LUN);
      int last = started ? LUN : dice.between(first, LUN);
      for (int kind = first; kind <= last; kind++) {
        add(kind);
      }
    }
  }

  String xml() {
    return xml.toString();
  }

  private void add(int kind) {
    switch (kind) {
      case PCI ->
          xml.append(
              """
              <hostdev mode='subsystem' type='pci' managed='yes'><source>
              <address domain='0x0000' bus='0x%02x' slot='0x%02x' function='0x0'/>
              </source></hostdev>
              """
                  .formatted(0x40, dice.between(0, 31)));
      case SCSI_HOST ->
          xml.append(
              """
              <hostdev mode='subsystem' type='scsi'><source>
              <adapter name='scsi_host%d'/><address bus='0' target='0' unit='%d'/>
              </source></hostdev>
              """
                  .formatted(dice.between(0, 3), dice.between(0, 9)));
      case LUN ->
          xml.append(
              """
              <hostdev mode='subsystem' type='scsi'>
              <source protocol='iscsi' name='%s/%s'><host name='%s' port='%s'/></source>
              </hostdev>
              """
                  .formatted(
                      lab.get("ISCSI_OPEN_IQN"),
                      lab.get("ISCSI_LUN"),
                      lab.get("ISCSI_HOST"),
                      lab.get("ISCSI_PORT")));
      default -> throw new IllegalArgumentException("no such kind: " + kind);
    }
  }
}
