// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import io.diskplug.ceph.CephAuth;
import io.diskplug.ceph.RbdDisk;
import io.diskplug.ceph.RbdImage;
import io.diskplug.disk.HostPort;
import io.diskplug.domain.VolumeRef;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** An RBD image on the command line. */
final class RbdOptions {

  private static final int MONITOR_PORT = 6789;

  @Option(
      names = "--cluster",
      paramLabel = "FSID",
      required = true,
      description = "the cluster's fsid, or a name that never changes")
  String cluster = "";

  @Option(names = "--pool", required = true, description = "the pool")
  String pool = "";

  @Option(names = "--namespace", description = "the namespace in the pool, if any")
  @Nullable String namespace;

  @Option(names = "--image", required = true, description = "the image")
  String image = "";

  VolumeRef ref(String volumeId) {
    return RbdDisk.ref(volumeId, image());
  }

  private RbdImage image() {
    RbdImage plain = RbdImage.of(cluster, pool, image);
    return namespace == null ? plain : plain.inNamespace(namespace);
  }

  RbdDisk disk(String volumeId, Access access) {
    RbdDisk disk = RbdDisk.of(volumeId, image(), access.hosts());
    return access.login == null
        ? disk
        : disk.withAuth(new CephAuth(access.login.user, access.login.secret));
  }

  static List<HostPort> hosts(List<String> monitors) {
    return monitors.stream().map(text -> HostPort.parse(text, MONITOR_PORT)).toList();
  }

  /** How the cluster is reached: needed to attach, not to detach. */
  static final class Access {
    @Option(
        names = "--monitor",
        paramLabel = "HOST[:PORT]",
        required = true,
        description = "a monitor; give the option once for each")
    List<String> monitors = new ArrayList<>();

    @ArgGroup(exclusive = false)
    @Nullable Login login;

    List<HostPort> hosts() {
      return RbdOptions.hosts(monitors);
    }
  }
}
