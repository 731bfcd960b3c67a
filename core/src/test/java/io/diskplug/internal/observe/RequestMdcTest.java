// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.observe;

import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.DISK;
import static io.diskplug.internal.exec.Requests.executor;
import static io.diskplug.internal.exec.Requests.expect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.domain.DomainRef;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.exec.Executor;
import io.diskplug.internal.exec.ScriptedDomain;
import io.diskplug.internal.exec.SteppedTime;
import io.diskplug.internal.kind.ExampleKind;
import io.diskplug.internal.request.ReleaseRules;
import io.diskplug.internal.storage.StorageProbes;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Proof;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.PlugListener;
import io.diskplug.spi.StorageProbe;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.Level;

/** By what the lines of a request are found, and that nothing of it is left behind. */
class RequestMdcTest {

  private static final Logger backend = LoggerFactory.getLogger("a.backend");

  private final ScriptedDomain domain = new ScriptedDomain();
  private final DomainRef byName = DomainRef.name(domain.name());
  private final RecordedLogs logs = RecordedLogs.from(Level.TRACE);

  @BeforeEach
  void callerHasAnMdc() {
    MDC.clear();
    MDC.put("tenant", "blue");
    MDC.put(RequestMdc.VOLUME, "the caller's");
  }

  @AfterEach
  void close() {
    logs.close();
    MDC.clear();
  }

  private static void assertThatTheCallersMdcIsAsBefore() {
    assertThat(MDC.getCopyOfContextMap())
        .isEqualTo(Map.of("tenant", "blue", RequestMdc.VOLUME, "the caller's"));
  }

  /** With this clock every turn runs on the thread of the caller. */
  @Test
  void everyLineHasTheRequestAndTheDomainsUuidOnceItIsKnown() {
    Executor executor = executor(new SteppedTime(), domain);
    domain.next(
        Call.LOOKUP,
        effect -> {
          backend.info("looked up");
          effect.run();
        });
    domain.next(
        Call.ATTACH,
        effect -> {
          backend.info("attached");
          effect.run();
        });

    expect(Attached.class, executor.attach(byName, DISK, DEADLINE).await());

    assertThat(logs.lines()).hasSizeGreaterThan(5);
    assertThat(logs.lines())
        .allSatisfy(
            line ->
                assertThat(line.mdc())
                    .as("%s", line)
                    .containsEntry(RequestMdc.VOLUME, DISK.volume().id())
                    .hasEntrySatisfying(
                        RequestMdc.REQUEST, name -> assertThat(name).matches("attach-\\d+")));
    assertThat(logs.lines())
        .extracting(RecordedLogs.Line::text, line -> line.mdc().get(RequestMdc.DOMAIN))
        .contains(org.assertj.core.groups.Tuple.tuple("looked up", domain.name()))
        .contains(org.assertj.core.groups.Tuple.tuple("attached", domain.uuid().toString()));
    assertThat(logs.lines())
        .filteredOn(line -> line.level() == Level.INFO && line.logger().startsWith("io.diskplug"))
        .extracting(line -> line.mdc().get(RequestMdc.DOMAIN))
        .containsExactly(domain.uuid().toString());
    assertThatTheCallersMdcIsAsBefore();
  }

  @Test
  void aRequestWithoutAVolumeHasNone() {
    Executor executor = executor(new SteppedTime(), domain);

    executor.plan(byName, List.of(), DEADLINE).await();

    assertThat(logs.lines())
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line.mdc()).doesNotContainKey(RequestMdc.VOLUME));
    assertThatTheCallersMdcIsAsBefore();
  }

  @Test
  void aMistakeLeavesNothingBehind() {
    Executor executor = executor(new SteppedTime(), domain);
    domain.next(
        Call.READ_XML,
        effect -> {
          throw new IllegalStateException("a mistake");
        });

    assertThatThrownBy(() -> executor.attach(byName, DISK, DEADLINE).await())
        .hasRootCauseMessage("a mistake");

    assertThatTheCallersMdcIsAsBefore();
    assertThatThrownBy(
            () ->
                RequestMdc.of("attach-1", "vm", null)
                    .during(
                        () -> {
                          throw new IllegalStateException("another");
                        }))
        .hasMessage("another");
    assertThatTheCallersMdcIsAsBefore();
  }

  @Test
  void aProbeHasItOnItsThread() {
    StorageProbe probe =
        new StorageProbe() {
          @Override
          public boolean answersFor(DiskSource disk) {
            return true;
          }

          @Override
          public Finding beforeAttach(DiskSource disk, Duration budget) {
            backend.info("asked");
            return new Ready(OptionalLong.empty());
          }

          @Override
          public Finding afterAttach(DiskSource disk, Duration budget) {
            return new Ready(OptionalLong.empty());
          }

          @Override
          public void close() {}
        };
    Map<String, String> asked;
    try (Executor executor =
        new Executor(
            ScriptedDomain.hypervisor(domain),
            ExampleKind.FAULTS,
            ExampleKind.ALL,
            ReleaseRules.USUAL,
            StorageProbes.inThreads(List.of(probe)),
            Scheduler.threads(1),
            new Random(1),
            ListenerDispatcher.none())) {
      expect(Attached.class, executor.attach(byName, DISK, DEADLINE).await());
      asked =
          logs.lines().stream()
              .filter(line -> line.text().equals("asked"))
              .findFirst()
              .orElseThrow()
              .mdc();
    }

    assertThat(asked)
        .containsEntry(RequestMdc.DOMAIN, domain.uuid().toString())
        .containsEntry(RequestMdc.VOLUME, DISK.volume().id())
        .containsKey(RequestMdc.REQUEST);
  }

  @Test
  void aListenerHasItOnItsThreadAndItsFailureToo() {
    List<Optional<String>> domains = new CopyOnWriteArrayList<>();
    PlugListener listener =
        new PlugListener() {
          @Override
          public void requested(Request request) {
            domains.add(Optional.ofNullable(MDC.get(RequestMdc.DOMAIN)));
          }

          @Override
          public void sent(Request request, Call call, Duration elapsed) {
            domains.add(Optional.ofNullable(MDC.get(RequestMdc.DOMAIN)));
          }

          @Override
          public void called(
              Request request, Call call, Optional<LibvirtFault> fault, Duration took) {
            throw new IllegalStateException("a mistake");
          }

          @Override
          public void finished(Request request, Outcome outcome, Duration elapsed) {
            domains.add(Optional.ofNullable(MDC.get(RequestMdc.DOMAIN)));
          }
        };
    try (Executor executor =
        executor(
            Scheduler.threads(1), Proof.QEMU, ListenerDispatcher.inAThread(listener), domain)) {
      expect(Attached.class, executor.attach(byName, DISK, DEADLINE).await());
    }

    Optional<String> uuid = Optional.of(domain.uuid().toString());
    assertThat(domains).containsExactly(Optional.of(domain.name()), uuid, uuid);
    assertThat(logs.lines())
        .filteredOn(line -> line.logger().equals("io.diskplug.listener"))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line.mdc()).containsKey(RequestMdc.REQUEST));
    assertThat(logs.texts(Level.WARN))
        .filteredOn(text -> text.startsWith("listener-failed "))
        .as("one that fails at each event is told at the 1st, 2nd, 4th, …")
        .hasSizeBetween(2, 6)
        .first()
        .isEqualTo("listener-failed times=1 problem=java.lang.IllegalStateException");
  }
}
