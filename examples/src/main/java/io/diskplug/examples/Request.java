// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import picocli.CommandLine.Option;

/** The options of a request that is about one volume. */
final class Request extends DomainRequest {

  @Option(
      names = "--volume-id",
      paramLabel = "ID",
      required = true,
      description = "your name for the volume; an attach makes it the serial that the guest sees")
  String volumeId = "";
}
