// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code diskplug inspect}. */
@Command(
    name = "inspect",
    description = {
      "Lists the disks of a domain, what its views and QEMU disagree about, and what is left over.",
      "Changes nothing."
    },
    mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {

  @Mixin DomainRequest request = new DomainRequest();

  @Override
  public Integer call() {
    return request.run((plug, domain) -> plug.inspect(domain, request.deadline()));
  }
}
