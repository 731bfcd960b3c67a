// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code diskplug limit}. */
@Command(
    name = "limit",
    description = "Sets the limits of an attached disk, these and no others.",
    mixinStandardHelpOptions = true)
final class LimitCommand {

  @Command(description = "Limits a Ceph RBD image.", mixinStandardHelpOptions = true)
  int rbd(@Mixin Request request, @Mixin RbdOptions image, @Mixin LimitOptions limits) {
    return request.run(
        (plug, domain) ->
            plug.limit(domain, image.ref(request.volumeId), limits.toIoTune(), request.deadline()));
  }

  @Command(description = "Limits an iSCSI LUN.", mixinStandardHelpOptions = true)
  int iscsi(@Mixin Request request, @Mixin IscsiOptions lun, @Mixin LimitOptions limits) {
    return request.run(
        (plug, domain) ->
            plug.limit(domain, lun.ref(request.volumeId), limits.toIoTune(), request.deadline()));
  }
}
