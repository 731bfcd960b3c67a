// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.domain.SourceIdentity;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IscsiNamesTest {

  private static final String PREFIX = "iqn.2026-01.io.diskplug:";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "iqn.2026-01.io.diskplug",
        "iqn.2026-01.io.diskplug:a",
        "iqn.2026-01.io.disk-plug:pool.1:vol_2-3",
        "IQN.2026-01.IO.Diskplug:A",
        "iqn.2026-01.io.disk_plug",
        "iqn.2026-01.io.disk_plug.my_host:vol_1",
        "IQN.2026-01.IO.DISK_PLUG:_",
        "iqn.2000-01.com.synology:NAS_1.Target-1.0123456789",
        "iqn.1992-08.com.netapp:sn.84183797:vf.00:vs.3",
        "iqn.2001-05.com.equallogic:0-8a0906-4c41f0204-8f1f5b5d1f2",
        "iqn.1986-03.com.sun:02:0a1b2c3d-e4f5-6789-abcd-ef0123456789",
        "eui.0123456789abcdef",
        "eui.0123456789ABCDEF",
        "naa.0123456789abcdef",
        "naa.0123456789abcdef0123456789abcdef"
      })
  void aNameOfEachKindIsTaken(String name) {
    assertThatCode(() -> IscsiNames.check(name)).doesNotThrowAnyException();
  }

  /** Of a date and a naming authority the targets of several vendors have not both, or neither. */
  @ParameterizedTest
  @CsvSource({
    "Open-E JovianDSS, iqn.2024-05:jdss.target0",
    "Open-E DSS V7, iqn.2012-04:dss.target0",
    "tgt by hand, iqn.2016-4.com.x:a",
    "tgt by hand, iqn.2016.com.x:a",
    "tgt by hand, iqn.2016_04.com.x:a",
    "no authority, iqn.2026-01",
    "no date, iqn.com.example:disk1",
    "nothing behind the colon, iqn.2026-01.com.example:",
    "targetcli, iqn.2003-01.org.linux-iscsi.host.x8664:sn.0123456789ab",
    "SCST, iqn.2006-10.net.vlnb:tgt",
    "TrueNAS, iqn.2005-10.org.freenas.ctl:vol1",
    "QNAP, iqn.2004-04.com.qnap:ts-859:iscsi.vol_1.c9d3a2",
    "Synology, iqn.2000-01.com.synology:NAS_1.Target-1.0123456789",
    "Dell EMC Unity, iqn.1992-04.com.emc:cx.apm00123456789.a0",
    "HPE MSA, iqn.2015-11.com.hpe:storage.msa1050.18313f2c1f",
    "Pure Storage, iqn.2010-06.com.purestorage:flasharray.3caf76749b33b6ad",
    "IBM SVC, iqn.1986-03.com.ibm:2145.cluster.node1",
    "Windows, iqn.1991-05.com.microsoft:server-1-vol-target"
  })
  void aNameThatAVendorMakesIsTaken(String vendor, String name) {
    assertThatCode(() -> new IscsiLun(name, 1)).as(vendor).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "target",
        "iqn.",
        "iqn",
        "iqn:a",
        "iqn.2026-01.io.diskplug:a/1",
        "iqn.2026-01.io.diskplug:a b",
        "iqn.2026-01.io.disk/plug:a",
        "iqn.2026-01.io.disk plug:a",
        "iqn.2026-01.io.disk%5fplug:a",
        "iqn.2026-01.io.diskplug:a%2fb",
        "iqn.2026-01.io.diskplug:a%",
        "iqn.2026-01.io.diskplug:a\tb",
        "iqn.2026-01.io.diskplug:a\u0000",
        "iqn.2026-01.io.diskplug:a\u007f",
        "iqn.2026-01.io.diskplug:a\u00a0b",
        "iqn.2026-01.io.diskplug:a\uff3fb",
        "iqn.2026-01.io.diskplug:a?b",
        "iqn.2026-01.io.diskplug:a#b",
        "iqn.2026-01.io.diskplug:a@b",
        "iqn.2026-01.io.diskplug:a,b",
        "iqn.2026-01.io.diskplug:a;b",
        "iqn.2026-01.io.diskplug:a=b",
        "iqn.2026-01.io.diskplug:a+b",
        "iqn.2026-01.io.diskplug:a\\b",
        "iqn.2026-01.io.diskplug:[a]",
        "iqn.2026-01.io.diskplug:a$b",
        "iqn_2026-01.io.diskplug:a",
        "eui_0123456789abcdef",
        "naa.0123456789abcde_",
        "iqn.2026-01.io.diskplug:a<b",
        "iqn.2026-01.io.diskplug:a&b",
        "iqn.2026-01.io.diskplug:a'b",
        "iqn.2026-01.io.diskplug:a\"b",
        "iqn.2026-01.io.diskplug:a\n",
        "iqn.2026-01.io.dis\u212Aplug:a",
        "iqn.2026-01.io.diskplug:\u00e4",
        " iqn.2026-01.io.diskplug:a",
        "eui.0123456789abcde",
        "eui.0123456789abcdef0",
        "eui.0123456789abcdeg",
        "naa.0123456789abcde",
        "naa.0123456789abcdef01234567",
        "naa.0123456789abcdef0123456789abcdef0"
      })
  void whatIsNoNameIsNamed(String name) {
    assertThatThrownBy(() -> IscsiNames.check(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + name + "\"");
    assertThatThrownBy(() -> new IscsiLun(name, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + name + "\"");
  }

  @Test
  void aNameHasAtMost223Characters() {
    String longest = PREFIX + "x".repeat(223 - PREFIX.length());

    assertThatCode(() -> IscsiNames.check(longest)).doesNotThrowAnyException();
    assertThatThrownBy(() -> IscsiNames.check(longest + "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(longest + "x");
  }

  /** Disks are out there with these aliases. */
  @ParameterizedTest
  @CsvSource({
    "iqn.2026-01.io.diskplug, 0, ua-dp-d4b03a019312957e78146899efa7b54d",
    "iqn.2026-01.io.disk-plug:pool.1:vol_2-3, 7, ua-dp-183cffb4232841eadca93f3ee54a5681",
    "IQN.2026-01.IO.Diskplug:A, 16383, ua-dp-8a6f3b5154f9f7793154b471abb93510",
    "eui.0123456789ABCDEF, 1, ua-dp-8f776a864974eeb36c9ab269d282eb98",
    "naa.0123456789abcdef, 2, ua-dp-5ee2d07418f103c678b443a1c316ca3d",
    "naa.0123456789ABCDEF0123456789abcdef, 3, ua-dp-7c26c45d7657aad8763f1e337ea639aa",
    "iqn.2026-01.io.disk_plug.my_host:vol_1, 1, ua-dp-f19841e6bf2097d3a10a236f9cd32486"
  })
  void theAliasOfALunStaysAsItIs(String target, int number, String alias) {
    IscsiLun lun = new IscsiLun(target, number);
    SourceIdentity identity = IscsiDisk.ref("volume", lun).identity();

    assertThat(identity.name()).isEqualTo(target.toLowerCase(Locale.ROOT) + "/" + number);
    assertThat(identity.alias()).isEqualTo(alias);
    // libvirt is told the name as the caller spells it: some targets tell upper case from lower.
    assertThat(lun.path()).isEqualTo(target + "/" + number);
  }

  @Test
  void anUnderscoreIsNoHyphenAndNoDot() {
    assertThat(
            Stream.of("io_diskplug", "io-diskplug", "io.diskplug")
                .map(name -> new IscsiLun("iqn.2026-01." + name + ":a", 1))
                .map(lun -> IscsiDisk.ref("volume", lun).identity().alias()))
        .doesNotHaveDuplicates();
  }
}
