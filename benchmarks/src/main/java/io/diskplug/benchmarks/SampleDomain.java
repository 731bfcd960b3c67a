// SPDX-License-Identifier: Apache-2.0
package io.diskplug.benchmarks;

/** A domain of type {@code pc} with RBD disks, as libvirt writes it. */
final class SampleDomain {

  private static final int FIRST_SLOT = 3;
  private static final int ALPHABET = 26;

  private SampleDomain() {}

  /** The XML with so many disks, 28 at most. */
  static String xml(int disks) {
    StringBuilder xml = new StringBuilder();
    xml.append(
        """
        <domain type='kvm' id='1'>
          <name>sample</name>
          <uuid>c4a760a8-dbcf-4e14-9f39-645a8e933d74</uuid>
          <memory unit='KiB'>4194304</memory>
          <vcpu placement='static'>2</vcpu>
          <os><type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type><boot dev='hd'/></os>
          <features><acpi/><apic/></features>
          <devices>
            <emulator>/usr/bin/qemu-system-x86_64</emulator>
            <controller type='pci' index='0' model='pci-root'><alias name='pci.0'/></controller>
        """);
    for (int i = 0; i < disks; i++) {
      xml.append(disk(i));
    }
    return xml.append("  </devices>\n</domain>\n").toString();
  }

  private static String disk(int index) {
    String dev =
        index < ALPHABET ? "vd" + (char) ('a' + index) : "vda" + (char) ('a' + index - ALPHABET);
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
          <address type='pci' domain='0x0000' bus='0x00' slot='0x%3$02x' function='0x0'/>
        </disk>
        """
        .formatted(index, dev, index + FIRST_SLOT);
  }
}
