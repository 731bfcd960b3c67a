// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code diskplug attach}. */
@Command(name = "attach", description = "Attaches a disk.", mixinStandardHelpOptions = true)
final class AttachCommand {

  @Command(description = "Attaches a Ceph RBD image.", mixinStandardHelpOptions = true)
  int rbd(@Mixin Request request, @Mixin RbdOptions image, @Mixin RbdOptions.Access access) {
    return request.run(
        (plug, domain) ->
            plug.attach(domain, image.disk(request.volumeId, access), request.deadline()));
  }

  @Command(description = "Attaches an iSCSI LUN.", mixinStandardHelpOptions = true)
  int iscsi(@Mixin Request request, @Mixin IscsiOptions lun, @Mixin IscsiOptions.Access access) {
    return request.run(
        (plug, domain) ->
            plug.attach(domain, lun.disk(request.volumeId, access), request.deadline()));
  }
}
