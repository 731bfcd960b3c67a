// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import io.diskplug.Options;
import io.diskplug.domain.VolumeRef;
import io.diskplug.outcome.VolumeUses;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code diskplug find}. */
@Command(
    name = "find",
    description = {
      "Lists the domains of the daemon that have a volume. Changes nothing.",
      "That it is found nowhere does not prove that it is not in use."
    },
    mixinStandardHelpOptions = true)
final class FindCommand {

  /** The options of a search. */
  static final class Search extends DaemonRequest {
    @Option(
        names = "--volume-id",
        paramLabel = "ID",
        required = true,
        description = "your name for the volume")
    String volumeId = "";

    /** 75 if a domain could not be read. */
    int run(VolumeRef volume) {
      return connected(
          Options.defaults(),
          plug -> {
            VolumeUses uses = plug.findVolume(volume, deadline());
            PrintWriter out = spec.commandLine().getOut();
            out.println(Uses.describe(uses));
            out.flush();
            return uses.isComplete() ? 0 : NOT_NOW;
          });
    }
  }

  @Command(description = "Looks for a Ceph RBD image.", mixinStandardHelpOptions = true)
  int rbd(@Mixin Search search, @Mixin RbdOptions image) {
    return search.run(image.ref(search.volumeId));
  }

  @Command(description = "Looks for an iSCSI LUN.", mixinStandardHelpOptions = true)
  int iscsi(@Mixin Search search, @Mixin IscsiOptions lun) {
    return search.run(lun.ref(search.volumeId));
  }
}
