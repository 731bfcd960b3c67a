// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.disk.SecretUsage;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.VolumeRef;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.SecretFailedException;
import io.diskplug.outcome.Unavailable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * A libvirtd that stops answering while several calls are under way, for longer than the keepalive
 * allows. libvirt's client library crashes the process if those calls share a connection.
 */
@OwnLab
class StalledDaemonIT {

  private final Lab lab = Lab.current();

  @Test
  void theProcessOutlivesAStalledDaemon() throws IOException {
    String pid = Files.readString(lab.directory().resolve("run/libvirtd.pid")).strip();

    ChildJvm.Output output = ChildJvm.run(Stall.class, lab.uri(), pid);

    assertThat(output.exitCode()).as(output.all()).isZero();
    assertThat(output.stdout()).contains("everything held");
  }

  /** The process that lives through it. */
  static final class Stall {

    private static final int CALLERS = 6;
    private static final Duration LONGER_THAN_KEEPALIVE = Duration.ofSeconds(24);
    private static final Duration USUAL = Duration.ofSeconds(10);
    private static final Duration SLACK = Duration.ofMillis(500);
    private static final Duration LONGEST_CLOSE = Duration.ofMillis(2500);
    private static final VolumeRef VOLUME =
        new VolumeRef("pvc-1", new SourceIdentity("file", "", "/nonexistent"));

    private Stall() {}

    public static void main(String[] arguments) throws Exception {
      String uri = arguments[0];
      String pid = arguments[1];
      DiskPlug plug = DiskPlug.connect(uri);
      DiskPlug other = DiskPlug.connect(uri);
      require(detach(plug, 0, USUAL) instanceof Rejected, "no such domain");
      signal("STOP", pid);
      try {
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        List<Future<DetachOutcome>> outcomes = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
          int caller = i;
          outcomes.add(callers.submit(() -> detach(plug, caller, LONGER_THAN_KEEPALIVE)));
        }
        long start = System.nanoTime();
        other.close();
        require(since(start).compareTo(LONGEST_CLOSE) < 0, "close took " + since(start));
        requireTimeout(plug);
        for (Future<DetachOutcome> outcome : outcomes) {
          require(outcome.get() instanceof Unavailable, outcome.get().toString());
        }
        require(
            since(start).compareTo(LONGER_THAN_KEEPALIVE.plus(SLACK)) < 0, "after " + since(start));
        callers.shutdown();
      } finally {
        signal("CONT", pid);
      }
      for (int i = 0; i < CALLERS; i++) {
        requireAnswer(plug, i);
      }
      plug.close();
      System.out.println("everything held");
    }

    private static void requireTimeout(DiskPlug plug) {
      Duration deadline = Duration.ofSeconds(2);
      long start = System.nanoTime();
      try {
        throw new AssertionError(plug.secrets().find(SecretUsage.ceph("none"), deadline));
      } catch (SecretFailedException e) {
        require(e.reason() == SecretFailedException.Reason.TIMED_OUT, e.toString());
        require(since(start).compareTo(deadline.plus(SLACK)) < 0, "after " + since(start));
      }
    }

    /** The calls that were left behind return one by one now; until then the answer is "later". */
    private static void requireAnswer(DiskPlug plug, int domain) throws Exception {
      long start = System.nanoTime();
      DetachOutcome outcome = detach(plug, domain, USUAL);
      while (outcome instanceof Unavailable && since(start).compareTo(USUAL) < 0) {
        Thread.sleep(50);
        outcome = detach(plug, domain, USUAL);
      }
      require(outcome instanceof Rejected, outcome.toString());
    }

    private static DetachOutcome detach(DiskPlug plug, int domain, Duration deadline) {
      return plug.detach(DomainRef.name("no-such-domain-" + domain), VOLUME, deadline);
    }

    private static Duration since(long start) {
      return Duration.ofNanos(System.nanoTime() - start);
    }

    private static void require(boolean condition, String what) {
      if (!condition) {
        throw new AssertionError(what);
      }
    }

    private static void signal(String name, String pid) throws Exception {
      int exit = new ProcessBuilder("kill", "-" + name, pid).start().waitFor();
      require(exit == 0, "kill -" + name + " failed");
      require(Path.of("/proc", pid).toFile().exists(), "libvirtd is gone");
    }
  }
}
