// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.ConnectionFailedException;
import io.diskplug.DiskPlug;
import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.DomainRef;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Rejected;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong is named, and nothing is changed. */
class BadInputIT {

  private static final Duration DEADLINE = Duration.ofSeconds(10);

  private final Lab lab = Lab.current();
  private final FileDisk disk =
      new FileDisk("pvc-bad-input", Path.of("/nonexistent/file"), DiskOptions.DEFAULTS);

  @Test
  void anUnknownDomain() {
    UUID unknown = UUID.fromString("0f6d4a3e-5f0c-4f53-9f0b-3c6f2a1d9e77");
    try (DiskPlug plug = DiskPlug.connect(lab.uri())) {
      for (DomainRef ref : List.of(DomainRef.uuid(unknown), DomainRef.name("no-such-domain"))) {
        for (Outcome outcome :
            List.of(plug.attach(ref, disk, DEADLINE), plug.detach(ref, disk.volume(), DEADLINE))) {
          assertThat(outcome).isInstanceOf(Rejected.class);
          Rejected rejected = (Rejected) outcome;
          assertThat(rejected.reason()).isEqualTo(Rejected.Reason.DOMAIN_NOT_FOUND);
          assertThat(rejected.explanation()).contains(ref.toString().replace("\"", ""));
        }
      }
    }
  }

  @Test
  void anUnreachableDaemon() {
    String uri = "qemu:///session?socket=" + lab.directory() + "/nobody-listens-here";
    assertThatThrownBy(() -> DiskPlug.connect(uri))
        .isInstanceOf(ConnectionFailedException.class)
        .hasMessageContaining(uri);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "xen:///system", "test:///default", "/var/run/libvirt", "not a uri"})
  void anUnsupportedUri(String uri) {
    assertThatThrownBy(() -> DiskPlug.connect(uri))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + uri + "\"");
  }

  @Test
  void aDeadlineInThePast() {
    try (DiskPlug plug = DiskPlug.connect(lab.uri())) {
      assertThatThrownBy(() -> plug.attach(DomainRef.name("any"), disk, Duration.ZERO))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
