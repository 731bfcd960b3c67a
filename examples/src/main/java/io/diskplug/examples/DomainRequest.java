// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import io.diskplug.ConnectionFailedException;
import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.domain.DomainRef;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Planned;
import io.diskplug.outcome.Repaired;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.UUID;
import java.util.function.BiFunction;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of every request on a domain, and how its outcome is shown. */
class DomainRequest {

  private static final int REJECTED = 1;
  private static final int UNUSABLE = 69; // EX_UNAVAILABLE of sysexits.h
  private static final int NOT_IN_ORDER = 3;
  private static final int UNKNOWN = 70; // EX_SOFTWARE of sysexits.h
  private static final int NOT_NOW = 75; // EX_TEMPFAIL

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--uri",
      paramLabel = "URI",
      defaultValue = "qemu:///system",
      description = "libvirt's connection URI; ${DEFAULT-VALUE} if not given")
  String uri = "";

  @Option(
      names = "--domain",
      paramLabel = "DOMAIN",
      required = true,
      description = "the domain's UUID, or its name")
  String domain = "";

  @Option(
      names = "--deadline",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description = "how long it may take; ${DEFAULT-VALUE} if not given")
  long deadlineSeconds;

  /** Connects, makes the request, prints the outcome, and returns the exit code. */
  int run(BiFunction<DiskPlug, DomainRef, Outcome> request) {
    return run(Options.defaults(), request);
  }

  /** The same with options of the connection. */
  int run(Options options, BiFunction<DiskPlug, DomainRef, Outcome> request) {
    if (deadlineSeconds <= 0) {
      throw new ParameterException(
          spec.commandLine(), "--deadline " + deadlineSeconds + " is not positive");
    }
    try (DiskPlug plug = DiskPlug.connect(uri, options)) {
      Outcome outcome = request.apply(plug, ref());
      print(outcome);
      return exitCode(outcome);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
      // The whole text is of every place where JNA has looked.
      spec.commandLine()
          .getErr()
          .println("libvirt's client library cannot be loaded (Debian: libvirt0): " + firstLine(e));
      return UNUSABLE;
    } catch (ConnectionFailedException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return NOT_NOW;
    }
  }

  private static String firstLine(Throwable problem) {
    return String.valueOf(problem.getMessage()).lines().findFirst().orElse("");
  }

  Duration deadline() {
    return Duration.ofSeconds(deadlineSeconds);
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
