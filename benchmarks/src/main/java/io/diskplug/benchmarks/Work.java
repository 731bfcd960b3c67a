// SPDX-License-Identifier: Apache-2.0
package io.diskplug.benchmarks;

import io.diskplug.ceph.CephAuth;
import io.diskplug.ceph.RbdDisk;
import io.diskplug.ceph.RbdImage;
import io.diskplug.disk.CacheMode;
import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.HostPort;
import io.diskplug.disk.IoMode;
import io.diskplug.domain.View;
import io.diskplug.internal.alloc.Occupied;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.place.DiskPlanner;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.outcome.DiskPlan;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

/** The disk that the benchmarks plan for, and what this library does for it. */
final class Work {

  static final String POOL = "volumes";
  static final String IMAGE = "pvc-new-34fe-41d6-a4f5-1f5ad5b1a4a7";
  static final String USER = "cinder";
  static final String SECRET = "e188a5fa-9456-4682-a41a-01928d750030";
  static final int MONITOR_PORT = 6789;
  static final List<String> MONITORS =
      IntStream.rangeClosed(1, 5).mapToObj(i -> "10.0.0." + i).toList();

  static final RbdDisk DISK =
      RbdDisk.of(
              IMAGE,
              RbdImage.of("4a158d27-f750-41d5-9e7f-26ce4c9d2d45", POOL, IMAGE),
              MONITORS.stream().map(host -> new HostPort(host, MONITOR_PORT)).toList())
          .withAuth(new CephAuth(USER, UUID.fromString(SECRET)))
          .withOptions(DiskOptions.DEFAULTS.withCache(CacheMode.NONE).withIo(IoMode.NATIVE));

  private Work() {}

  static DomainViews read(String live, String persistent) {
    return new DomainViews(
        DomainXmlReader.readDomain(live, View.LIVE),
        DomainXmlReader.readDomain(persistent, View.PERSISTENT));
  }

  /** The XML to send. */
  static String plan(String live, String persistent) {
    DiskPlan plan =
        DiskPlanner.plan(read(live, persistent), List.of(DISK), Occupied.NOTHING).get(0);
    return ((DiskPlan.Attach) plan).xml();
  }
}
