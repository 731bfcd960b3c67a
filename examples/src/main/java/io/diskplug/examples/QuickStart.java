// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import io.diskplug.DiskPlug;
import io.diskplug.ceph.CephAuth;
import io.diskplug.ceph.RbdDisk;
import io.diskplug.ceph.RbdImage;
import io.diskplug.disk.HostPort;
import io.diskplug.domain.DomainRef;
import io.diskplug.outcome.AttachOutcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The snippet of the README, as it compiles. */
final class QuickStart {

  private QuickStart() {}

  static RbdDisk disk() {
    return RbdDisk.of(
            "pvc-22650282-34fe-41d6-a4f5-1f5ad5b1a4a7",
            RbdImage.of("b1d2c9a0-4d5e-4f6a-8b7c-0d1e2f3a4b5c", "volumes", "pvc-22650282"),
            List.of(new HostPort("10.0.0.1", 6789), new HostPort("10.0.0.2", 6789)))
        .withAuth(new CephAuth("cinder", UUID.fromString("a3f4e1d2-7c6b-4a59-9e8d-1b2c3d4e5f60")));
  }

  /** Returns after how long to call again; empty once the disk is attached. */
  static Optional<Duration> attach(DiskPlug plug, RbdDisk disk) {
    AttachOutcome outcome = plug.attach(DomainRef.name("web-1"), disk, Duration.ofSeconds(30));
    return switch (outcome.kind()) {
      case DONE -> Optional.empty(); // read back from every view
      case RETRY -> outcome.retryAfter(); // the same call again finds out what is, and goes on
      case NEVER -> throw new IllegalStateException(outcome.toString()); // tell an operator
    };
  }
}
