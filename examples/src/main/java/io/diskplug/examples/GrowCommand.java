// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

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
  int rbd(@Mixin Request request, @Mixin RbdOptions image, @Mixin Size size) {
    return request.run(
        (plug, domain) ->
            plug.grow(domain, image.ref(request.volumeId), size.bytes, request.deadline()));
  }

  @Command(description = "An iSCSI LUN has grown.", mixinStandardHelpOptions = true)
  int iscsi(@Mixin Request request, @Mixin IscsiOptions lun, @Mixin Size size) {
    return request.run(
        (plug, domain) ->
            plug.grow(domain, lun.ref(request.volumeId), size.bytes, request.deadline()));
  }
}
