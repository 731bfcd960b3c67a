// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.internal.exec.Requests.DEADLINE;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.IoTune;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DomainRef;
import io.diskplug.fault.Call;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.Outcome;
import io.diskplug.sim.Generation;
import io.diskplug.sim.Moment;
import io.diskplug.sim.SimulatedDomain;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What a request costs where nothing is wrong: the calls that it makes of libvirt, by kind.
 *
 * <p>The numbers were measured on the commit before the library knew of saved domains, of jobs and
 * of other names of a volume. What was added since then must cost nothing on a plain domain. A
 * change that lowers a number lowers it here, too.
 */
class RequestCostTest {

  /** On a domain that runs. */
  private static final String RUNNING =
      """
      plan: Planned: LOOKUP 1, READ_STATUS 1, READ_XML 2
      attach: Attached: ATTACH 1, LOOKUP 1, READ_CONTROL 1, READ_STATUS 1, READ_XML 4
      attach again: AlreadyAttached: LOOKUP 1, READ_STATUS 1, READ_XML 2
      plan again: Planned: LOOKUP 1, READ_STATUS 1, READ_XML 2
      limit: Changed: LOOKUP 1, READ_CONTROL 1, READ_STATUS 2, READ_XML 4, SET_LIMITS 1
      limit again: Changed: LOOKUP 1, READ_CONTROL 1, READ_STATUS 2, READ_XML 4, SET_LIMITS 1
      grow: Changed: LOOKUP 1, READ_CONTROL 2, READ_SIZE 2, READ_STATUS 2, READ_XML 5, RESIZE 1
      grow again: Changed: LOOKUP 1, READ_CONTROL 1, READ_SIZE 1, READ_STATUS 1, READ_XML 2
      inspect: Inspected: ASK_QEMU 3, LOOKUP 1, READ_CONTROL 1, READ_STATUS 1, READ_XML 2
      detach: Detached: ASK_QEMU 2, DETACH 1, LOOKUP 1, NOTE 5, READ_CONTROL 2, READ_STATUS 2, READ_XML 6
      detach again: AlreadyDetached: ASK_QEMU 2, LOOKUP 1, READ_CONTROL 1, READ_STATUS 2, READ_XML 2
      """;

  /** On a domain that is shut off. */
  private static final String SHUT_OFF =
      """
      plan: Planned: LOOKUP 1, READ_STATUS 1, READ_XML 2
      attach: Attached: ATTACH 1, LOOKUP 1, READ_CONTROL 1, READ_STATUS 2, READ_XML 3
      attach again: AlreadyAttached: LOOKUP 1, READ_STATUS 1, READ_XML 2
      plan again: Planned: LOOKUP 1, READ_STATUS 1, READ_XML 2
      limit: Changed: LOOKUP 1, READ_STATUS 2, READ_XML 3, SET_LIMITS 1
      limit again: Changed: LOOKUP 1, READ_STATUS 2, READ_XML 3, SET_LIMITS 1
      grow: Changed: LOOKUP 1, READ_STATUS 1, READ_XML 2
      grow again: Changed: LOOKUP 1, READ_STATUS 1, READ_XML 2
      inspect: Inspected: LOOKUP 1, READ_STATUS 1, READ_XML 2
      detach: Detached: DETACH 1, LOOKUP 1, READ_CONTROL 1, READ_STATUS 2, READ_XML 3
      detach again: AlreadyDetached: LOOKUP 1, READ_STATUS 1, READ_XML 2
      """;

  /**
   * On a domain that runs, where reading its XML takes its job: whether the job is free is asked
   * before each reading that does not follow a change at once.
   */
  private static final String READING_TAKES_JOB =
      """
      plan: Planned: LOOKUP 1, READ_CONTROL 1, READ_STATUS 1, READ_XML 2
      attach: Attached: ATTACH 1, LOOKUP 1, READ_CONTROL 2, READ_STATUS 1, READ_XML 4
      attach again: AlreadyAttached: LOOKUP 1, READ_CONTROL 1, READ_STATUS 1, READ_XML 2
      plan again: Planned: LOOKUP 1, READ_CONTROL 1, READ_STATUS 1, READ_XML 2
      limit: Changed: LOOKUP 1, READ_CONTROL 3, READ_STATUS 2, READ_XML 4, SET_LIMITS 1
      limit again: Changed: LOOKUP 1, READ_CONTROL 2, READ_STATUS 2, READ_XML 4, SET_LIMITS 1
      grow: Changed: LOOKUP 1, READ_CONTROL 4, READ_SIZE 2, READ_STATUS 2, READ_XML 5, RESIZE 1
      grow again: Changed: LOOKUP 1, READ_CONTROL 2, READ_SIZE 1, READ_STATUS 1, READ_XML 2
      inspect: Inspected: ASK_QEMU 3, LOOKUP 1, READ_CONTROL 2, READ_STATUS 1, READ_XML 2
      detach: Detached: ASK_QEMU 2, DETACH 1, LOOKUP 1, NOTE 5, READ_CONTROL 3, READ_STATUS 2, READ_XML 6
      detach again: AlreadyDetached: ASK_QEMU 2, LOOKUP 1, READ_CONTROL 1, READ_STATUS 2, READ_XML 2
      """;

  private static final long GIBIBYTE = 1L << 30;
  private static final IoTune LIMITS = IoTune.total(0, 70);

  private SimulatedSite site = new SimulatedSite();
  private Executor process = site.process();
  private final Map<Call, Integer> calls = new TreeMap<>();
  private final StringBuilder measured = new StringBuilder();

  @Test
  void q35ThatRuns() {
    measure(site.host.defineQ35("q35", 4).start(), disk(DiskBus.VIRTIO));

    assertThat(measured.toString()).isEqualTo(RUNNING);
  }

  @Test
  void q35ThatRunsWithScsi() {
    measure(site.host.defineQ35("q35", 4).start(), disk(DiskBus.SCSI));

    assertThat(measured.toString()).isEqualTo(RUNNING);
  }

  @Test
  void pcThatRuns() {
    measure(site.host.definePc("pc").start(), disk(DiskBus.VIRTIO));

    assertThat(measured.toString()).isEqualTo(RUNNING);
  }

  @Test
  void q35ThatIsShutOff() {
    measure(site.host.defineQ35("q35", 4), disk(DiskBus.VIRTIO));

    assertThat(measured.toString()).isEqualTo(SHUT_OFF);
  }

  private static FileDisk disk(DiskBus bus) {
    return new FileDisk("pvc-1", Path.of("/srv/one"), DiskOptions.DEFAULTS.withBus(bus));
  }

  @Test
  void q35ThatRunsWhereReadingTakesTheJob() {
    site = new SimulatedSite(Generation.TRIXIE);

    measure(site.host.defineQ35("q35", 4).start(), disk(DiskBus.VIRTIO));

    assertThat(measured.toString()).isEqualTo(READING_TAKES_JOB);
  }

  private void measure(SimulatedDomain domain, FileDisk disk) {
    process = site.process();
    DomainRef ref = domain.ref();
    site.host.observe(
        point -> {
          if (point.moment() == Moment.BEFORE) {
            calls.merge(point.call(), 1, Integer::sum);
          }
        });
    count("plan", p -> p.plan(ref, List.of(disk), DEADLINE));
    count("attach", p -> p.attach(ref, disk, DEADLINE));
    count("attach again", p -> p.attach(ref, disk, DEADLINE));
    count("plan again", p -> p.plan(ref, List.of(disk), DEADLINE));
    count("limit", p -> p.limit(ref, disk.volume(), LIMITS, DEADLINE));
    count("limit again", p -> p.limit(ref, disk.volume(), LIMITS, DEADLINE));
    site.host.resizeVolume("/srv/one", 2 * GIBIBYTE);
    count("grow", p -> p.grow(ref, disk.volume(), 2 * GIBIBYTE, DEADLINE));
    count("grow again", p -> p.grow(ref, disk.volume(), 2 * GIBIBYTE, DEADLINE));
    count("inspect", p -> p.inspect(ref, DEADLINE));
    count("detach", p -> p.detach(ref, disk.volume(), DEADLINE));
    count("detach again", p -> p.detach(ref, disk.volume(), DEADLINE));
  }

  /** One line: the request, what it came to, and the calls. */
  private void count(String name, Function<Executor, RequestHandle<? extends Outcome>> request) {
    calls.clear();
    Outcome outcome = request.apply(process).await();
    measured.append(
        "%s: %s: %s\n"
            .formatted(
                name,
                outcome.getClass().getSimpleName(),
                calls.entrySet().stream()
                    .map(call -> call.getKey() + " " + call.getValue())
                    .sorted()
                    .collect(Collectors.joining(", "))));
  }
}
