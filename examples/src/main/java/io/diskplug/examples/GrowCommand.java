// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import io.diskplug.Options;
import io.diskplug.ceph.RbdLogin;
import io.diskplug.ceph.RbdProbe;
import io.diskplug.disk.HostPort;
import io.diskplug.outcome.Waiver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code diskplug grow}. */
@Command(
    name = "grow",
    description = "Lets the guest see the size to which a volume has grown in its storage.",
    mixinStandardHelpOptions = true)
final class GrowCommand {

  /** How large the volume is now. */
  static final class Size {
    @Option(
        names = "--size",
        paramLabel = "BYTES",
        required = true,
        description = "the size of the volume now, in bytes")
    long bytes;
  }

  @Command(description = "A Ceph RBD image has grown.", mixinStandardHelpOptions = true)
  int rbd(
      @Mixin Request request,
      @Mixin RbdOptions image,
      @Mixin Size size,
      @ArgGroup(multiplicity = "1") ClusterCheck check) {
    try (RbdProbe probe = check.probe(image.cluster)) {
      return request.run(
          Options.defaults().withStorageProbes(probe),
          (plug, domain) ->
              (check.unchecked ? plug.waiving(Waiver.UNKNOWN_SIZE) : plug)
                  .grow(domain, image.ref(request.volumeId), size.bytes, request.deadline()));
    }
  }

  /** The cluster is asked for the image's size first, unless it is said that it shall not. */
  static final class ClusterCheck {

    @ArgGroup(exclusive = false)
    @Nullable Cluster cluster;

    @Option(
        names = "--unchecked",
        description =
            "do not ask the cluster for the image's size: if it is not --size, the image is cut off,"
                + " or made larger")
    boolean unchecked;

    RbdProbe probe(String name) {
      RbdProbe.Builder probes = RbdProbe.builder();
      return cluster == null
          ? probes.build()
          : probes.cluster(name, cluster.login(), cluster.access()).build();
    }
  }

  /** Where the cluster is, and who asks it. */
  static final class Cluster {

    @Option(
        names = "--monitor",
        paramLabel = "HOST[:PORT]",
        required = true,
        description = "a monitor; give the option once for each")
    List<String> monitors = new ArrayList<>();

    @ArgGroup(exclusive = false)
    @Nullable Keyring keyring;

    RbdLogin login() {
      return keyring == null ? RbdLogin.none() : RbdLogin.keyring(keyring.user, keyring.file);
    }

    List<HostPort> access() {
      return RbdOptions.hosts(monitors);
    }
  }

  /** Who asks: nobody in particular, where a cluster has no cephx. */
  static final class Keyring {
    @Option(names = "--user", required = true, description = "the user, without \"client.\"")
    String user = "";

    @Option(
        names = "--keyring",
        paramLabel = "FILE",
        required = true,
        description = "the file with the user's key, as ceph auth get prints it")
    Path file = Path.of("");
  }

  @Command(description = "An iSCSI LUN has grown.", mixinStandardHelpOptions = true)
  int iscsi(@Mixin Request request, @Mixin IscsiOptions lun, @Mixin Size size) {
    return request.run(
        (plug, domain) ->
            plug.grow(domain, lun.ref(request.volumeId), size.bytes, request.deadline()));
  }
}
