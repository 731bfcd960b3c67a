// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.domain.DomainRef;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Planned;
import io.diskplug.outcome.Repaired;
import java.io.PrintWriter;
import java.util.UUID;
import java.util.function.BiFunction;
import picocli.CommandLine.Option;

/** The options of every request on a domain, and how its outcome is shown. */
class DomainRequest extends DaemonRequest {

  private static final int REJECTED = 1;
  private static final int NOT_IN_ORDER = 3;
  private static final int UNKNOWN = 70; // EX_SOFTWARE of sysexits.h

  @Option(
      names = "--domain",
      paramLabel = "DOMAIN",
      required = true,
      description = "the domain's UUID, or its name")
  String domain = "";

  /** Connects, makes the request, prints the outcome, and returns the exit code. */
  int run(BiFunction<DiskPlug, DomainRef, Outcome> request) {
    return run(Options.defaults(), request);
  }

  /** The same with options of the connection. */
  int run(Options options, BiFunction<DiskPlug, DomainRef, Outcome> request) {
    return connected(
        options,
        plug -> {
          Outcome outcome = request.apply(plug, ref());
          print(outcome);
          return exitCode(outcome);
        });
  }

  private DomainRef ref() {
    try {
      return DomainRef.uuid(UUID.fromString(domain));
    } catch (IllegalArgumentException e) {
      return DomainRef.name(domain);
    }
  }

  private void print(Outcome outcome) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(Outcomes.describe(outcome));
    out.println("  " + outcome.observed());
    out.flush();
  }

  private static int exitCode(Outcome outcome) {
    if (outcome instanceof Repaired repaired) {
      return exitCode(repaired);
    }
    if (outcome instanceof Inspected inspected) {
      return inspected.isClean() ? 0 : NOT_IN_ORDER;
    }
    if (outcome instanceof Planned planned && !planned.isComplete()) {
      return REJECTED;
    }
    if (outcome instanceof Indeterminate) {
      return UNKNOWN;
    }
    return switch (outcome.kind()) {
      case DONE -> 0;
      case RETRY -> NOT_NOW;
      case NEVER -> REJECTED;
    };
  }

  /** That of the first step that is not done. */
  private static int exitCode(Repaired repaired) {
    if (repaired.steps().isEmpty()) {
      return exitCode(repaired.before());
    }
    return repaired.steps().stream()
        .mapToInt(step -> exitCode(step.outcome()))
        .filter(code -> code != 0)
        .findFirst()
        .orElse(0);
  }
}
