// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import java.util.UUID;
import picocli.CommandLine.Option;

/** A user and where its key is: both or neither. */
final class Login {

  @Option(
      names = "--user",
      required = true,
      description = "the user: for cephx without \"client.\"")
  String user = "";

  @Option(
      names = "--secret",
      paramLabel = "UUID",
      required = true,
      description = "the libvirt secret that holds the user's key or password")
  UUID secret = new UUID(0, 0);
}
