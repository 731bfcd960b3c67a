// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.ConnectionFailedException;
import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.DomainRef;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** libvirt prints every error to stderr unless it is told not to; seen from outside the process. */
class QuietIT {

  private final Lab lab = Lab.current();

  @Test
  void libvirtPrintsNothingToStderr() {
    ChildJvm.Output output = provoke(true);

    assertThat(output.stdout())
        .contains("cannot connect to", "VOLUME_NOT_FOUND", "DOMAIN_NOT_FOUND");
    assertThat(output.stderr()).isEmpty();
  }

  @Test
  void unlessTheHostApplicationWantsToDealWithThatItself() {
    ChildJvm.Output output = provoke(false);

    assertThat(output.stderr()).contains("libvirt: ");
  }

  private ChildJvm.Output provoke(boolean quiet) {
    try (Guest guest = Guest.boot(lab, "pc")) {
      ChildJvm.Output output =
          ChildJvm.run(Provocation.class, lab.uri(), guest.name(), Boolean.toString(quiet));
      assertThat(output.exitCode()).as(output.all()).isZero();
      return output;
    }
  }

  /** Makes libvirt report errors of several kinds. */
  static final class Provocation {

    private Provocation() {}

    public static void main(String[] arguments) {
      Options options = Options.defaults().withQuiet(Boolean.parseBoolean(arguments[2]));
      try (DiskPlug plug = DiskPlug.connect("qemu:///session?socket=/nonexistent", options)) {
        throw new AssertionError("connected to " + plug);
      } catch (ConnectionFailedException e) {
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
