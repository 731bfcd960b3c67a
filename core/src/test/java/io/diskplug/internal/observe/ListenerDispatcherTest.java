// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.observe;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.DISK;
import static io.diskplug.internal.exec.Requests.FIRST_TARGET;
import static io.diskplug.internal.exec.Requests.VOLUME;
import static io.diskplug.internal.exec.Requests.executor;
import static io.diskplug.internal.exec.Requests.expect;
import static io.diskplug.internal.exec.Requests.placed;
import static io.diskplug.internal.exec.ScriptedDomain.fails;
import static io.diskplug.internal.exec.ScriptedDomain.hangs;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.diskplug.alloc.Placement;
import io.diskplug.domain.DomainRef;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.exec.Executor;
import io.diskplug.internal.exec.ScriptedDomain;
import io.diskplug.internal.exec.SteppedTime;
import io.diskplug.internal.request.Request;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Pending.WaitingFor;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.RepairPolicy;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.PlugListener;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;

class ListenerDispatcherTest {

  private static final RequestMdc NO_REQUEST = RequestMdc.ofThisThread();

  private static final class Recorder implements PlugListener {
    final List<String> events = new CopyOnWriteArrayList<>();
    final List<Request> requests = new CopyOnWriteArrayList<>();

    @Override
    public void requested(Request request) {
      requests.add(request);
      events.add("requested " + request.kind());
    }

    @Override
    public void planned(Request request, Placement placement, Duration elapsed) {
      assertThat(elapsed).isPositive();
      events.add("planned " + placement.targetDev());
    }

    @Override
    public void sent(Request request, Call call, Duration elapsed) {
      assertThat(elapsed).isPositive();
      events.add("sent " + call);
    }

    @Override
    public void verified(Request request, Outcome outcome, Duration elapsed) {
      assertThat(elapsed).isPositive();
      events.add("verified " + outcome.getClass().getSimpleName());
    }

    @Override
    public void called(Request request, Call call, Optional<LibvirtFault> fault, Duration took) {
      assertThat(took).isPositive();
      events.add("called " + call + fault.map(f -> " " + f.code()).orElse(""));
    }

    @Override
    public void retrying(
        Request request, Unavailable.Reason reason, String explanation, Duration pause) {
      assertThat(pause).isPositive();
      events.add("retrying " + reason);
    }

    @Override
    public void waiting(Request request, WaitingFor waitingFor, Duration elapsed) {
      events.add("waiting " + waitingFor);
    }

    @Override
    public void finished(Request request, Outcome outcome, Duration elapsed) {
      assertThat(elapsed).isPositive();
      events.add("finished " + outcome.getClass().getSimpleName());
    }

    @Override
    public void failed(Request request, Throwable problem, Duration elapsed) {
      events.add("failed " + problem.getMessage());
    }

    List<String> without(String what) {
      return events.stream().filter(event -> !event.startsWith(what)).toList();
    }
  }

  private final ScriptedDomain domain = new ScriptedDomain();
  private final SteppedTime time = new SteppedTime();
  private final Recorder recorder = new Recorder();
  private final Executor executor =
      executor(time, Proof.QEMU, ListenerDispatcher.direct(recorder), domain);

  @Test
  void anAttachIsToldFromItsBeginningToItsEnd() {
    domain.next(Call.ATTACH, fails(Call.ATTACH, 68, "cannot acquire state change lock"));

    expect(Attached.class, executor.attach(domain.ref(), DISK, DEADLINE).await());

    assertThat(recorder.without("called READ"))
        .containsExactly(
            "requested ATTACH",
            "called LOOKUP",
            "planned " + FIRST_TARGET,
            "sent ATTACH",
            "called ATTACH 68",
            "retrying DOMAIN_BUSY",
            "planned " + FIRST_TARGET,
            "sent ATTACH",
            "called ATTACH",
            "verified Attached",
            "finished Attached");
    assertThat(recorder.events).contains("called READ_XML", "called READ_CONTROL");
    PlugListener.Request request = recorder.requests.get(0);
    assertThat(request.domain()).isEqualTo(domain.ref());
    assertThat(request.volume()).hasValue(VOLUME);
  }

  @Test
  void aGuestThatIsPausedIsToldAtOnceAndOnce() {
    domain.put(placed(DISK, "vda", 3), LIVE, PERSISTENT);
    domain.guestReleases = false;
    domain.status(ScriptedDomain.PAUSED);
    time.at(Duration.ofSeconds(2), () -> domain.status(ScriptedDomain.RUNNING));

    expect(Pending.class, executor.detach(domain.ref(), VOLUME, DEADLINE).await());

    assertThat(recorder.events)
        .filteredOn(event -> event.startsWith("waiting"))
        .containsExactly("waiting PAUSED_GUEST", "waiting GUEST");
  }

  @Test
  void everyKindIsTold() {
    executor.plan(domain.ref(), List.of(), DEADLINE).await();
    executor.inspect(domain.ref(), DEADLINE).await();
    executor.repair(domain.ref(), RepairPolicy.NOTHING, DEADLINE).await();
    executor.adopt(DomainRef.name("nobody"), VOLUME, DEADLINE).await();

    assertThat(recorder.without("called"))
        .containsExactly(
            "requested PLAN",
            "finished Planned",
            "requested INSPECT",
            "finished Inspected",
            "requested REPAIR",
            "finished Repaired",
            "requested ADOPT",
            "finished Rejected");
    assertThat(recorder.requests).extracting(PlugListener.Request::number).doesNotHaveDuplicates();
  }

  @Test
  void whatChangesNothingIsNeitherSentNorVerified() {
    domain.put(placed(DISK, "vda", 3), LIVE, PERSISTENT);

    expect(AlreadyAttached.class, executor.attach(domain.ref(), DISK, DEADLINE).await());

    assertThat(recorder.without("called"))
        .containsExactly("requested ATTACH", "finished AlreadyAttached");
  }

  @Test
  void eachStepOfARepairIsSentAndVerified() {
    domain.put(placed(DISK, "vda", 3), LIVE);

    executor
        .repair(domain.ref(), RepairPolicy.NOTHING.withOrphansAddedToPersistent(), DEADLINE)
        .await();

    assertThat(recorder.without("called"))
        .filteredOn(event -> !event.startsWith("retrying"))
        .containsExactly("requested REPAIR", "sent ATTACH", "verified Mended", "finished Repaired");
  }

  /** The listener hears of it while libvirt still works on it. */
  @Test
  void aChangeIsToldAsSentBeforeItReturns() {
    List<String> before = new CopyOnWriteArrayList<>();
    domain.next(
        Call.ATTACH,
        effect -> {
          before.addAll(recorder.without("called"));
          effect.run();
        });

    expect(Attached.class, executor.attach(domain.ref(), DISK, DEADLINE).await());

    assertThat(before).endsWith("sent ATTACH");
  }

  /** A body that fails after its request was answered does not end it a second time. */
  @Test
  void aRequestEndsOnce() {
    CountDownLatch returns = new CountDownLatch(1);
    CountDownLatch returned = new CountDownLatch(1);
    domain.next(
        Call.ATTACH,
        effect -> {
          hangs(returns).perform(() -> {});
          returned.countDown();
          throw new IllegalStateException("late");
        });
    try (Executor real =
        executor(Scheduler.threads(2), Proof.QEMU, ListenerDispatcher.direct(recorder), domain)) {
      expect(Indeterminate.class, real.attach(domain.ref(), DISK, Duration.ofMillis(200)).await());
      returns.countDown();
      // The lane lets the next one pass when the late turn is over.
      await().until(() -> returned.getCount() == 0);
      real.plan(domain.ref(), List.of(), DEADLINE).await();
    }

    assertThat(recorder.events).filteredOn(event -> event.startsWith("failed")).isEmpty();
    assertThat(recorder.events).containsOnlyOnce("finished Indeterminate");
  }

  @Test
  void afterCloseNothingIsTold() {
    Executor real =
        executor(Scheduler.threads(1), Proof.QEMU, ListenerDispatcher.inAThread(recorder), domain);
    real.close();

    expect(Unavailable.class, real.attach(domain.ref(), DISK, DEADLINE).await());

    assertThat(recorder.events).isEmpty();
  }

  @Test
  void aMistakeOfAPartThatTheCallerHasBroughtIsTold() {
    domain.next(
        Call.READ_XML,
        effect -> {
          throw new IllegalStateException("a mistake");
        });

    assertThatThrownBy(() -> executor.attach(domain.ref(), DISK, DEADLINE).await())
        .hasRootCauseMessage("a mistake");

    assertThat(recorder.events).endsWith("failed a mistake");
  }

  /** Mistakes of the listener's, and one that never comes back. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aListenerDelaysNothing(boolean hangs) throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    PlugListener bad =
        new PlugListener() {
          @Override
          public void requested(Request request) {
            if (!hangs) {
              throw new IllegalStateException("a mistake");
            }
            try {
              never.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
        };
    try (Executor real =
        executor(Scheduler.threads(2), Proof.QEMU, ListenerDispatcher.inAThread(bad), domain)) {
      expect(Attached.class, real.attach(domain.ref(), DISK, DEADLINE).await());
      expect(Detached.class, real.detach(domain.ref(), VOLUME, DEADLINE).await());
    } finally {
      never.countDown();
    }
  }

  @Test
  void aMistakeInOneEventDoesNotCostTheNext() {
    List<String> told = new CopyOnWriteArrayList<>();
    PlugListener listener =
        new PlugListener() {
          @Override
          public void called(
              Request request, Call call, Optional<LibvirtFault> fault, Duration took) {
            throw new IllegalStateException("a mistake");
          }

          @Override
          public void finished(Request request, Outcome outcome, Duration elapsed) {
            told.add(Thread.currentThread().getName());
          }
        };
    try (Executor real =
        executor(
            Scheduler.threads(2), Proof.QEMU, ListenerDispatcher.inAThread(listener), domain)) {
      expect(Attached.class, real.attach(domain.ref(), DISK, DEADLINE).await());
    }

    await().until(() -> told.size() == 1);
    assertThat(told.get(0)).startsWith("diskplug-listener-");
  }

  @Test
  void whatALateListenerMissesIsDroppedAndCounted() {
    CountDownLatch open = new CountDownLatch(1);
    AtomicInteger heard = new AtomicInteger();
    ListenerDispatcher dispatcher = ListenerDispatcher.inAThread(new PlugListener() {});
    try (RecordedLogs logs = RecordedLogs.from(Level.INFO)) {
      dispatcher.tell(
          NO_REQUEST,
          listener -> {
            try {
              open.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      for (int i = 0; i < 20_000; i++) {
        dispatcher.tell(NO_REQUEST, listener -> heard.incrementAndGet());
      }
      open.countDown();
      dispatcher.close();

      assertThat(heard).hasValue(10_000);
      assertThat(logs.texts(Level.WARN))
          .containsExactly("listener-late waiting=10000", "listener-missed events=10000");
    }
  }
}
