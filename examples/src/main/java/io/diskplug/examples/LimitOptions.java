// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import io.diskplug.disk.IoTune;
import picocli.CommandLine.Option;

/** The limits of a disk. */
final class LimitOptions {

  @Option(
      names = "--bytes-per-second",
      paramLabel = "N",
      description = "bytes for each second, reads and writes together; none if nothing is said")
  long bytesPerSecond;

  @Option(
      names = "--iops",
      paramLabel = "N",
      description =
          "operations for each second, reads and writes together; none if nothing is said")
  long iops;

  @Option(names = "--unlimited", description = "no limits at all")
  boolean unlimited;

  IoTune toIoTune() {
    if (unlimited == (bytesPerSecond != 0 || iops != 0)) {
      // Whoever has forgotten an option should not take the limits away.
      throw new IllegalArgumentException(
          "say --bytes-per-second, --iops or both; or --unlimited for no limits at all");
    }
    return IoTune.total(bytesPerSecond, iops);
  }
}
