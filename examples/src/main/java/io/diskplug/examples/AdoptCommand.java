// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code diskplug adopt}. */
@Command(
    name = "adopt",
    description = "Takes over a disk that another tool attached; the guest notices nothing.",
    mixinStandardHelpOptions = true)
final class AdoptCommand {

  @Command(description = "Takes over a Ceph RBD image.", mixinStandardHelpOptions = true)
  int rbd(@Mixin Request request, @Mixin RbdOptions image) {
    return request.run(
        (plug, domain) -> plug.adopt(domain, image.ref(request.volumeId), request.deadline()));
  }

  @Command(description = "Takes over an iSCSI LUN.", mixinStandardHelpOptions = true)
  int iscsi(@Mixin Request request, @Mixin IscsiOptions lun) {
    return request.run(
        (plug, domain) -> plug.adopt(domain, lun.ref(request.volumeId), request.deadline()));
  }
}
