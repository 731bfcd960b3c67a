// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.ConnectException;
import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.domain.DomainRef;
import io.diskplug.libvirt.ProcessState;
import io.diskplug.outcome.Outcome;
import io.diskplug.spi.DiskOptions;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** libvirt prints every error to stderr unless it is told not to; seen from outside the process. */
class QuietIT {

  private final Lab lab = Lab.current();

  @Test
  void libvirtPrintsNothingToStderr() {
    ChildJvm.Output output = provoke(ProcessState.OWNED);

    assertThat(output.stdout())
        .contains("cannot connect to", "VOLUME_NOT_FOUND", "DOMAIN_NOT_FOUND");
    assertThat(output.stderr()).isEmpty();
  }

  @Test
  void aHostThatOwnsTheErrorFunctionKeepsIt() {
    // The same errors, with nobody keeping libvirt quiet: the other test can fail.
    ChildJvm.Output output = provoke(ProcessState.NO_EVENTS);

    assertThat(output.stderr()).contains("libvirt: ");
  }

  private ChildJvm.Output provoke(ProcessState state) {
    try (Guest guest = Guest.boot(lab, "pc")) {
      ChildJvm.Output output =
          ChildJvm.run(Provocation.class, lab.uri(), guest.name(), state.name());
      assertThat(output.exitCode()).as(output.all()).isZero();
      return output;
    }
  }

  /** Makes libvirt report errors of several kinds. */
  static final class Provocation {

    private Provocation() {}

    public static void main(String[] arguments) {
      Options options = Options.DEFAULTS.with(ProcessState.valueOf(arguments[2]));
      try (DiskPlug plug = DiskPlug.connect("qemu:///session?socket=/nonexistent", options)) {
        throw new AssertionError("connected to " + plug);
      } catch (ConnectException e) {
        print(e.getMessage());
      }
      Duration deadline = Duration.ofSeconds(10);
      FileDisk missing = new FileDisk("pvc-1", Path.of("/nonexistent/file"), DiskOptions.DEFAULTS);
      try (DiskPlug plug = DiskPlug.connect(arguments[0], options)) {
        print(plug.attach(DomainRef.name(arguments[1]), missing, deadline));
        print(plug.detach(DomainRef.name("no-such-domain"), missing.volume(), deadline));
      }
    }

    private static void print(String line) {
      System.out.println(line);
    }

    private static void print(Outcome outcome) {
      print(outcome.toString());
    }
  }
}
