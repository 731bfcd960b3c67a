// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.View;
import io.diskplug.internal.xml.read.DomainXmlReader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AcpiHotPlugTest {

  private static DomainView view(String architecture, String machine) {
    return DomainXmlReader.readDomain(
        """
        <domain type='qemu' id='1'>
          <name>d</name>
          <uuid>1b4e28ba-2fa1-11d2-883f-0016d3cca427</uuid>
          <os><type arch='%s' machine='%s'>hvm</type></os>
          <devices/>
        </domain>
        """
            .formatted(architecture, machine),
        View.LIVE);
  }

  @ParameterizedTest
  @CsvSource({
    "x86_64,  pc,                 true",
    "x86_64,  pc-i440fx-2.1,      true",
    "x86_64,  pc-i440fx-7.2,      true",
    "x86_64,  '',                 true",
    "x86_64,  microvm,            true",
    "x86_64,  q35,                true",
    "x86_64,  pc-q35-7.2,         true",
    "x86_64,  pc-q35-6.1,         true",
    "x86_64,  pc-q35-10.0,        true",
    "x86_64,  pc-q35-rhel9.2.0,   true",
    "x86_64,  pc-q35-6.0,         false",
    "x86_64,  pc-q35-2.12,        false",
    "aarch64, virt-7.2,           false",
    "ppc64le, pseries-7.2,        false",
    "s390x,   s390-ccw-virtio-7.2, false"
  })
  void theMachineTypeTells(String architecture, String machine, boolean may) {
    assertThat(AcpiHotPlug.mayUnplug(view(architecture, machine))).isEqualTo(may);
  }
}
