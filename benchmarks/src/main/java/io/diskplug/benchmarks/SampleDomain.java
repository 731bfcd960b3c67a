// SPDX-License-Identifier: Apache-2.0
package io.diskplug.benchmarks;

/** A domain of type {@code pc} with RBD disks, as libvirt writes it, and room for one more. */
final class SampleDomain {

  /** How many disks are on the root bus; more of them are behind bridges. */
  private static final int ON_THE_ROOT_BUS = 28;

  private static final int ON_A_BRIDGE = 31;
  private static final int FIRST_SLOT = 3;
  private static final int ALPHABET = 26;

  private SampleDomain() {}

  /** The XML with so many disks; all slots of a bus are taken before the next one begins. */
  static String xml(int disks) {
    StringBuilder xml = new StringBuilder();
    xml.append(
        """
        <domain type='kvm' id='1'>
          <name>sample</name>
          <uuid>c4a760a8-dbcf-4e14-9f39-645a8e933d74</uuid>
          <memory unit='KiB'>4194304</memory>
          <currentMemory unit='KiB'>4194304</currentMemory>
          <vcpu placement='static'>2</vcpu>
          <resource><partition>/machine</partition></resource>
          <os><type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type><boot dev='hd'/></os>
          <features><acpi/><apic/></features>
          <cpu mode='host-passthrough' check='none' migratable='on'/>
          <clock offset='utc'>
            <timer name='rtc' tickpolicy='catchup'/>
            <timer name='pit' tickpolicy='delay'/>
            <timer name='hpet' present='no'/>
          </clock>
          <on_poweroff>destroy</on_poweroff>
          <on_reboot>restart</on_reboot>
          <on_crash>destroy</on_crash>
          <devices>
            <emulator>/usr/bin/qemu-system-x86_64</emulator>
            <controller type='usb' index='0' model='piix3-uhci'>
              <alias name='usb'/>
              <address type='pci' domain='0x0000' bus='0x00' slot='0x01' function='0x2'/>
            </controller>
            <interface type='bridge'>
              <mac address='52:54:00:6b:3c:58'/>
              <source bridge='br0'/>
              <target dev='vnet0'/>
              <model type='virtio'/>
              <alias name='net0'/>
              <address type='pci' domain='0x0000' bus='0x00' slot='0x02' function='0x0'/>
            </interface>
            <serial type='pty'>
              <source path='/dev/pts/1'/>
              <target type='isa-serial' port='0'><model name='isa-serial'/></target>
              <alias name='serial0'/>
            </serial>
            <console type='pty' tty='/dev/pts/1'>
              <source path='/dev/pts/1'/>
              <target type='serial' port='0'/>
              <alias name='serial0'/>
            </console>
            <input type='mouse' bus='ps2'><alias name='input0'/></input>
            <memballoon model='none'/>
            <controller type='pci' index='0' model='pci-root'><alias name='pci.0'/></controller>
        """);
    if (disks <= ON_THE_ROOT_BUS) {
      for (int i = 0; i < disks; i++) {
        xml.append(disk(i, 0, FIRST_SLOT + i));
      }
    } else {
      // Bus 1 has the bridges that the disks are behind.
      xml.append(bridge(1, 0, FIRST_SLOT));
      for (int i = 0; i <= disks / ON_A_BRIDGE; i++) {
        boolean behind = i < ON_A_BRIDGE;
        int slot = behind ? 1 + i : 1 + FIRST_SLOT + i - ON_A_BRIDGE;
        xml.append(bridge(2 + i, behind ? 1 : 0, slot));
      }
      for (int i = 0; i < disks; i++) {
        xml.append(disk(i, 2 + i / ON_A_BRIDGE, 1 + i % ON_A_BRIDGE));
      }
    }
    return xml.append("  </devices>\n</domain>\n").toString();
  }

  private static String bridge(int index, int bus, int slot) {
    return """
        <controller type='pci' index='%1$d' model='pci-bridge'>
          <model name='pci-bridge'/>
          <target chassisNr='%1$d'/>
          <alias name='pci.%1$d'/>
          <address type='pci' domain='0x0000' bus='0x%2$02x' slot='0x%3$02x' function='0x0'/>
        </controller>
        """
        .formatted(index, bus, slot);
  }

  private static String disk(int index, int bus, int slot) {
    return """
        <disk type='network' device='disk'>
          <driver name='qemu' type='raw' cache='none' io='native'/>
          <auth username='cinder'>
            <secret type='ceph' uuid='e188a5fa-9456-4682-a41a-01928d750030'/>
          </auth>
          <source protocol='rbd' name='volumes/pvc-%1$08d-34fe-41d6-a4f5-1f5ad5b1a4a7' index='%1$d'>
            <host name='10.0.0.1' port='6789'/>
            <host name='10.0.0.2' port='6789'/>
            <host name='10.0.0.3' port='6789'/>
            <host name='10.0.0.4' port='6789'/>
            <host name='10.0.0.5' port='6789'/>
          </source>
          <target dev='%2$s' bus='virtio'/>
          <iotune>
            <total_bytes_sec>209715200</total_bytes_sec>
            <total_iops_sec>2000</total_iops_sec>
          </iotune>
          <serial>pvc-%1$08d-34fe-41d6-a4f5-1f5ad5b1a4a7</serial>
          <alias name='ua-dp-%1$032d'/>
          <address type='pci' domain='0x0000' bus='0x%3$02x' slot='0x%4$02x' function='0x0'/>
        </disk>
        """
        .formatted(index, dev(index), bus, slot);
  }

  private static String dev(int index) {
    StringBuilder letters = new StringBuilder();
    for (int rest = index; rest >= 0; rest = rest / ALPHABET - 1) {
      letters.append((char) ('a' + rest % ALPHABET));
    }
    return "vd" + letters.reverse();
  }
}
