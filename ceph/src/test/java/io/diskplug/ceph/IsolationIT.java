// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.HostPort;
import io.diskplug.domain.DomainRef;
import io.diskplug.lab.AloneOnTheLab;
import io.diskplug.lab.Lab;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.InspectOutcome;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.PartlyInspected;
import io.diskplug.outcome.Unavailable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Domains that are wedged, by an attach whose monitor takes the connection and never answers, and
 * others on the same daemon that shall not notice.
 */
@AloneOnTheLab
class IsolationIT {

  private static final int WEDGED = 6;
  private static final int ATTACHES = 20;
  private static final int GROUP = 3;
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SLACK = Duration.ofMillis(500);

  private static final Duration INSPECTED = Duration.ofSeconds(2);

  /** Longer than the others need, on a slow machine, too. */
  private static final Duration WEDGED_FOR = Duration.ofSeconds(12);

  /**
   * What is wanted is 1.2; on a machine that others use, two groups of attaches can differ by more
   * without anything wedged.
   */
  private static final double MOST = 2;

  private final Lab lab = Lab.current();
  private final DiskPlug plug = DiskPlug.connect(lab.uri());
  private final List<String> domains = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private ServerSocket deadMonitor;

  @BeforeEach
  void listen() throws IOException {
    deadMonitor = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    // At once: a QEMU that hangs has to be killed, which libvirt does after a while.
    CompletableFuture.allOf(
            domains.stream()
                .map(domain -> CompletableFuture.runAsync(() -> remove(domain), threads))
                .toArray(CompletableFuture[]::new))
        .join();
    threads.shutdown();
    plug.close();
    deadMonitor.close();
  }

  private void remove(String domain) {
    lab.tryVirsh("destroy", domain);
    lab.tryVirsh("undefine", domain);
  }

  /** A machine without a guest system, which is paused: enough to plug disks into. */
  private DomainRef start() throws IOException {
    String name = Lab.unique("isolation");
    Path xml = Files.createTempFile(name, ".xml");
    Files.writeString(
        xml,
        """
        <domain type='qemu'>
          <name>%s</name>
          <memory unit='MiB'>32</memory>
          <os><type arch='x86_64' machine='pc'>hvm</type></os>
          <features><acpi/></features>
          <devices>
            <controller type='usb' model='none'/>
            <memballoon model='none'/>
          </devices>
        </domain>
        """
            .formatted(name));
    lab.virsh("define", xml.toString());
    Files.delete(xml);
    domains.add(name);
    lab.virsh("start", "--paused", name);
    return DomainRef.name(name);
  }

  private List<DomainRef> start(int count) throws IOException {
    List<DomainRef> started = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      started.add(start());
    }
    return started;
  }

  private RbdDisk unreachable(int number) {
    String id = "pvc-wedged-" + number;
    return RbdDisk.of(
        id,
        RbdImage.of("nowhere", "pool", id),
        List.of(new HostPort("127.0.0.1", deadMonitor.getLocalPort())));
  }

  /** How long attaches take, in nanoseconds, in ascending order. */
  private long[] attach(List<DomainRef> group) {
    long[] took = new long[ATTACHES * group.size()];
    for (int i = 0; i < took.length; i++) {
      String id = Lab.volumeId();
      FileDisk disk = new FileDisk(id, lab.file(id + ".img", 1 << 20), DiskOptions.DEFAULTS);
      long start = System.nanoTime();
      AttachOutcome outcome = plug.attach(group.get(i % group.size()), disk, LONG);
      took[i] = System.nanoTime() - start;
      assertThat(outcome).isInstanceOf(Attached.class);
    }
    Arrays.sort(took);
    return took;
  }

  /** An inspection says in time what could be seen, which depends on the daemon. */
  private void inspectedInTime(DiskPlug by, DomainRef domain) {
    long start = System.nanoTime();
    InspectOutcome outcome = by.inspect(domain, LONG);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(INSPECTED);
    assertThat(outcome.observed().status().orElseThrow().active()).isTrue();
    if (lab.generation().daemon().readingTakesJob()) {
      assertThat(((PartlyInspected) outcome).targetDevs()).contains(List.of());
      assertThat(((PartlyInspected) outcome).whyNotRead()).contains("monitor has been occupied");
    } else {
      assertThat(((Inspected) outcome).disks()).isEmpty();
      assertThat(((Inspected) outcome).whyNotAsked().orElseThrow())
          .contains("monitor has been occupied");
    }
  }

  private static double percentile90(long[] sorted) {
    return sorted[sorted.length * 9 / 10] / 1e6;
  }

  @Test
  void domainsThatAreWedgedDelayNoOthers() throws Exception {
    List<DomainRef> wedged = start(WEDGED);
    List<DomainRef> before = start(GROUP);
    List<DomainRef> meanwhile = start(GROUP);
    attach(start(1)); // warms everything up
    double undisturbed = percentile90(attach(before));

    Map<DomainRef, CompletableFuture<AttachOutcome>> stuck =
        IntStream.range(0, WEDGED)
            .boxed()
            .collect(
                Collectors.toMap(
                    wedged::get, i -> plug.attachAsync(wedged.get(i), unreachable(i), WEDGED_FOR)));
    long start = System.nanoTime();
    for (int i = 0; i < WEDGED; i++) {
      deadMonitor.accept(); // kept open, and never answered
    }
    double disturbed = percentile90(attach(meanwhile));
    assertThat(stuck.values()).noneMatch(CompletableFuture::isDone);

    // Another process sees that the monitor is occupied, and sends nothing that would only wait;
    // a command of less than a second is nothing to be seen.
    Awaitility.await()
        .until(() -> lab.virsh("domcontrol", domains.get(0)).matches("(?s)occupied \\([2-9].*"));
    try (DiskPlug another = DiskPlug.connect(lab.uri())) {
      assertThat(another.attach(wedged.get(0), unreachable(0), Duration.ofSeconds(2)))
          .isInstanceOfSatisfying(
              Unavailable.class,
              busy -> {
                assertThat(busy.reason()).isEqualTo(Unavailable.Reason.DOMAIN_BUSY);
                assertThat(busy.explanation()).contains("monitor has been occupied");
              });
      inspectedInTime(another, wedged.get(0));
    }
    // The process whose call hangs does not wait for it either.
    inspectedInTime(plug, wedged.get(1));
    assertThat(stuck.values()).noneMatch(CompletableFuture::isDone);
    for (CompletableFuture<AttachOutcome> outcome : stuck.values()) {
      assertThat(((Indeterminate) outcome.get()).reason())
          .isEqualTo(Indeterminate.Reason.CALL_OUTSTANDING);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(WEDGED_FOR.plus(SLACK));
    for (DomainRef domain : wedged) {
      assertThat(plug.attach(domain, unreachable(0), LONG))
          .isInstanceOfSatisfying(
              Unavailable.class,
              later -> assertThat(later.reason()).isEqualTo(Unavailable.Reason.CALL_OUTSTANDING));
    }
    System.out.printf(
        "attach with %d domains wedged: 90th percentile %.1f ms, undisturbed %.1f ms, ratio %.2f%n",
        WEDGED, disturbed, undisturbed, disturbed / undisturbed);
    assertThat(disturbed / undisturbed).isLessThan(MOST);
  }
}
