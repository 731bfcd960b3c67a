// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.StorageSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is taken from arguments of QEMU, and what is not. */
class CommandLineTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          -drive    | file=rbd:volumes/light:id=cinder:key=AQB0,format=raw,if=none,id=d9 | rbd         | volumes/light
          -drive    | format=raw,file=rbd:volumes/tenant/light@daily:conf=/c             | rbd         | volumes/tenant/light@daily
          -drive    | file.driver=rbd,file.pool=volumes,file.image=light,if=virtio       | rbd         | volumes/light
          -drive    | if=virtio,file=/srv/a,,b.img                                       | file        | /srv/a,b.img
          -drive    | file=/dev/rbd/volumes/light,format=raw                             | file        | /dev/rbd/volumes/light
          -drive    | file=iscsi://user%pw@192.0.2.1:3260/iqn.2026-01.a:b/1,if=none      | iscsi       | iqn.2026-01.a:b/1
          -drive    | file=nbd:192.0.2.1:10809,if=none                                   | commandline | nbd
          -device   | vhost-user-blk-pci,chardev=c1,num-queues=4                         | commandline | vhost-user-blk-pci
          -device   | {"driver":"vhost-scsi-pci","wwpn":"naa.5001"}                      | commandline | vhost-scsi-pci
          -hda      | rbd:volumes/light                                                  | rbd         | volumes/light
          --cdrom   | /srv/x.iso                                                         | file        | /srv/x.iso
          -blockdev | {"driver":"rbd","pool":"volumes","image":"light","user":"cinder","key-secret":"s0","node-name":"n"} | rbd | volumes/light
          -blockdev | {"driver": "raw", "file": {"driver": "rbd", "pool": "volumes", "namespace": "t", "image": "light"}} | rbd | volumes/t/light
          -blockdev | {"driver":"iscsi","portal":"192.0.2.1","target":"iqn.2026-01.a:b","lun":3,"transport":"tcp"}        | iscsi | iqn.2026-01.a:b/3
          -blockdev | {"driver":"host_device","filename":"/dev/sdb","node-name":"n"}     | file        | /dev/sdb
          -blockdev | {"driver":"file","filename":"/srv/a,,b","node-name":"n"}           | file        | /srv/a,,b
          -blockdev | driver=file,filename=/srv/x.img,node-name=n                        | file        | /srv/x.img
          -blockdev | {"driver":"nbd","server":{"type":"inet","host":"h","port":"1"}}    | commandline | nbd
          -drive    | file=json:{"driver":"rbd",,"pool":"volumes",,"image":"light"}        | rbd         | volumes/light
          """)
  void anArgumentThatNamesStorage(String option, String value, String kind, String name) {
    assertThat(CommandLine.storage(List.of("-name", "x", option, value)))
        .containsExactly(new StorageSource(kind, name, null, List.of()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          -device   | virtio-blk-pci,drive=d9
          -device   | {"driver":"virtio-net-pci","netdev":"n0"}
          -device   | vhost-user-fs-pci,chardev=c1
          -object   | secret,id=s0,data=AQB0,format=base64
          -drive    | if=none,id=empty
          -blockdev | {"driver":"qcow2","file":"n","node-name":"f"}
          -blockdev | driver=raw,file=n,node-name=f
          -cpu      | host
          """)
  void anArgumentThatNamesNone(String option, String value) {
    assertThat(CommandLine.storage(List.of(option, value))).isEmpty();
  }

  @Test
  void anOptionWithoutAValueIsNone() {
    assertThat(CommandLine.storage(List.of("-snapshot", "-drive"))).isEmpty();
  }

  @Test
  void noKeyIsTaken() {
    List<StorageSource> named =
        CommandLine.storage(
            List.of(
                "-drive", "file=rbd:volumes/light:key=AQB0SECRET:mon_host=h,if=none",
                "-drive", "file=http://user:SECRET@host/x.img",
                "-blockdev", "{\"driver\":\"ssh\",\"password\":\"SECRET\",\"path\":\"/x\"}",
                "-drive", "file=iscsi://u%SECRET@h/iqn.2026-01.a:b/1"));

    assertThat(named).hasSize(4);
    assertThat(named.toString()).doesNotContain("SECRET");
  }
}
