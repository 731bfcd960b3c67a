// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import io.diskplug.ConnectionFailedException;
import io.diskplug.DiskPlug;
import io.diskplug.Options;
import java.time.Duration;
import java.util.function.ToIntFunction;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of every request, and what becomes of one that cannot be made. */
class DaemonRequest {

  private static final int UNUSABLE = 69; // EX_UNAVAILABLE of sysexits.h
  static final int NOT_NOW = 75; // EX_TEMPFAIL

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--uri",
      paramLabel = "URI",
      defaultValue = "qemu:///system",
      description = "libvirt's connection URI; ${DEFAULT-VALUE} if not given")
  String uri = "";

  @Option(
      names = "--deadline",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description = "how long it may take; ${DEFAULT-VALUE} if not given")
  long deadlineSeconds;

  /** Connects, makes the request, and returns the exit code. */
  int connected(Options options, ToIntFunction<DiskPlug> request) {
    if (deadlineSeconds <= 0) {
      throw new ParameterException(
          spec.commandLine(), "--deadline " + deadlineSeconds + " is not positive");
    }
    try (DiskPlug plug = DiskPlug.connect(uri, options)) {
      return request.applyAsInt(plug);
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
}
