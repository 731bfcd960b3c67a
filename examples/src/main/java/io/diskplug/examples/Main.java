// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;

/** The command line tool: the library's requests by hand, with the library's own answers. */
@Command(
    name = "diskplug",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description =
        "Attaches disks to libvirt domains, detaches them, and says only what it verified.",
    subcommands = {
      AttachCommand.class,
      DetachCommand.class,
      PlanCommand.class,
      InspectCommand.class,
      RepairCommand.class,
      AdoptCommand.class,
      LimitCommand.class,
      GrowCommand.class,
      FindCommand.class
    },
    footer = {
      "",
      "Exit codes: 0 done; 1 rejected, will not work until something changes;",
      "2 wrong usage; 3 inspected, and not in order;",
      "75 not now, try again; 70 unknown, asking again finds out;",
      "69 libvirt's client library is missing; 99 a defect of this tool."
    })
public final class Main {

  private static final int UNEXPECTED = 99;

  /** The version that the jar says it has. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"diskplug " + (version == null ? "(not from a jar)" : version)};
    }
  }

  private Main() {}

  /**
   * Runs a command and ends the process with its exit code.
   *
   * @param arguments the command line
   */
  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new Main())
            .setExitCodeExceptionMapper(Main::exitCode)
            .setParameterExceptionHandler(Main::wrongUsage)
            .execute(arguments));
  }

  private static int exitCode(Throwable problem) {
    return problem instanceof ParameterException ? ExitCode.USAGE : UNEXPECTED;
  }

  /** One line, and where to find the rest: the whole usage would hide it. */
  private static int wrongUsage(ParameterException problem, String[] arguments) {
    CommandLine command = problem.getCommandLine();
    command.getErr().println(problem.getMessage());
    command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    return ExitCode.USAGE;
  }
}
