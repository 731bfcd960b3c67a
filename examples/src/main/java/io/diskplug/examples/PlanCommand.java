// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import io.diskplug.spi.DiskSource;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code diskplug plan}. */
@Command(
    name = "plan",
    description = "Says what an attach would do, and does nothing.",
    mixinStandardHelpOptions = true)
final class PlanCommand {

  @Command(description = "Plans for a Ceph RBD image.", mixinStandardHelpOptions = true)
  int rbd(@Mixin Request request, @Mixin RbdOptions image, @Mixin RbdOptions.Access access) {
    return plan(request, image.disk(request.volumeId, access));
  }

  @Command(description = "Plans for an iSCSI LUN.", mixinStandardHelpOptions = true)
  int iscsi(@Mixin Request request, @Mixin IscsiOptions lun, @Mixin IscsiOptions.Access access) {
    return plan(request, lun.disk(request.volumeId, access));
  }

  private static int plan(Request request, DiskSource disk) {
    return request.run((plug, domain) -> plug.plan(domain, List.of(disk), request.deadline()));
  }
}
