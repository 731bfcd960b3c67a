// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.lab.Lab;
import io.diskplug.spi.StorageProbe.Finding;
import io.diskplug.spi.StorageProbe.Ready;
import io.diskplug.spi.StorageProbe.Reason;
import io.diskplug.spi.StorageProbe.Refused;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** Probes of the lab's cluster. */
final class ProbeFixture {

  private final Lab lab;

  ProbeFixture(Lab lab) {
    this.lab = lab;
  }

  RbdProbe probe(RbdLogin login) {
    return RbdProbe.builder().cluster(lab.get("CEPH_FSID"), login).build();
  }

  /** One that was told where the cluster is, as for detaches of a process that was just started. */
  RbdProbe probeWithMonitors() {
    return RbdProbe.builder()
        .cluster(lab.get("CEPH_FSID"), rightKey(), List.of(LabCluster.monitor(lab)))
        .build();
  }

  RbdLogin rightKey() {
    return key(Path.of(lab.get("CEPH_KEY_FILE")));
  }

  RbdLogin key(Path file) {
    return RbdLogin.key(lab.get("CEPH_USER"), keyOf(file));
  }

  Supplier<byte[]> keyOf(Path file) {
    return () -> {
      try {
        return Files.readAllBytes(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  String monitor() {
    return lab.get("CEPH_MON_HOST") + ":" + lab.get("CEPH_MON_PORT");
  }

  /** Makes a user who may use one pool; returns the keyring. */
  String userOfPool(String user, String pool) {
    return user(user, "profile rbd pool=" + pool);
  }

  /** Makes a user; returns the keyring. */
  String user(String user, String mayUse) {
    String made =
        lab.run(
            "ceph", "auth", "get-or-create", "client." + user, "mon", "profile rbd", "osd", mayUse);
    return made.substring(made.indexOf('['));
  }

  RbdDisk newDisk(int mebibytes) {
    String id = Lab.volumeId();
    return LabCluster.disk(lab, id, LabCluster.newImage(lab, id, mebibytes));
  }

  static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void assertReady(Finding finding, long bytes) {
    assertThat(finding).isInstanceOf(Ready.class);
    assertThat(((Ready) finding).sizeBytes()).hasValue(bytes);
  }

  /** Returns the explanation. */
  static String assertRefused(Finding finding, Reason reason) {
    assertThat(finding).isInstanceOf(Refused.class);
    Refused refused = (Refused) finding;
    assertThat(refused.reason()).as(refused.explanation()).isEqualTo(reason);
    return refused.explanation();
  }

  static String word(Finding finding) {
    return finding instanceof Refused refused ? refused.reason().name() : "READY";
  }
}
