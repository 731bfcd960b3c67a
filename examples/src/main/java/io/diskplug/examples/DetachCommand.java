// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code diskplug detach}. */
@Command(
    name = "detach",
    description = "Detaches a disk, and waits until QEMU has let go of it.",
    mixinStandardHelpOptions = true)
final class DetachCommand {

  @Command(description = "Detaches a Ceph RBD image.", mixinStandardHelpOptions = true)
  int rbd(@Mixin Request request, @Mixin RbdOptions image) {
    return request.run(
        (plug, domain) -> plug.detach(domain, image.ref(request.volumeId), request.deadline()));
  }

  @Command(description = "Detaches an iSCSI LUN.", mixinStandardHelpOptions = true)
  int iscsi(@Mixin Request request, @Mixin IscsiOptions lun) {
    return request.run(
        (plug, domain) -> plug.detach(domain, lun.ref(request.volumeId), request.deadline()));
  }
}
