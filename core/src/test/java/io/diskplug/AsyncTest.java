// SPDX-License-Identifier: Apache-2.0
package io.diskplug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.IoTune;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.Call;
import io.diskplug.internal.exec.ScriptedDomain;
import io.diskplug.internal.observe.RecordedLogs;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.RepairPolicy;
import io.diskplug.outcome.Waiver;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.event.Level;

/** Futures: of every request, on the executor of the caller. */
@Timeout(60)
class AsyncTest {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final String CALLERS = "callers-own-thread";

  private final ScriptedDomain domain = new ScriptedDomain();
  private final CountDownLatch returns = new CountDownLatch(1);
  private final ExecutorService callers =
      Executors.newSingleThreadExecutor(task -> new Thread(task, CALLERS));

  @AfterEach
  void end() {
    returns.countDown();
    callers.shutdownNow();
  }

  private static FileDisk disk(String name) {
    return new FileDisk("pvc-" + name, Path.of("/srv/" + name), DiskOptions.DEFAULTS);
  }

  private static final FileDisk ONE = disk("one");
  private static final FileDisk TWO = disk("two");
  private static final VolumeRef VOLUME = ONE.volume();

  private DiskPlug plug(Executor executor) {
    return plug(Options.defaults().withCompletionExecutor(executor));
  }

  private DiskPlug plug(Options options) {
    return DiskPlug.on(ScriptedDomain.hypervisor(domain), options);
  }

  @Test
  void everyRequestHasAnAsyncForm() {
    Map<String, String> blocking = new TreeMap<>();
    Map<String, String> async = new TreeMap<>();
    for (Method method : DiskPlug.class.getDeclaredMethods()) {
      boolean takesDeadline =
          Arrays.asList(method.getParameterTypes()).contains(Duration.class)
              && Modifier.isPublic(method.getModifiers());
      String parameters = Arrays.toString(method.getGenericParameterTypes());
      if (takesDeadline && method.getReturnType() == CompletableFuture.class) {
        ParameterizedType future = (ParameterizedType) method.getGenericReturnType();
        async.put(
            method.getName().replaceAll("Async$", "") + parameters,
            future.getActualTypeArguments()[0].getTypeName());
      } else if (takesDeadline) {
        blocking.put(method.getName() + parameters, method.getGenericReturnType().getTypeName());
      }
    }

    assertThat(async).isEqualTo(blocking);
    assertThat(blocking).hasSizeGreaterThan(8);
  }

  private interface Request {
    CompletableFuture<?> send(DiskPlug plug, ScriptedDomain domain);
  }

  private static Stream<Request> requests() {
    return Stream.of(
        (plug, domain) -> plug.attachAsync(domain.ref(), ONE, LONG),
        (plug, domain) -> plug.attachAllAsync(domain.ref(), List.of(ONE, TWO), LONG),
        (plug, domain) -> plug.detachAsync(domain.ref(), VOLUME, LONG),
        (plug, domain) -> plug.detachAllAsync(domain.ref(), List.of(VOLUME, TWO.volume()), LONG),
        (plug, domain) -> plug.planAsync(domain.ref(), List.of(ONE), LONG),
        (plug, domain) -> plug.inspectAsync(domain.ref(), LONG),
        (plug, domain) -> plug.repairAsync(domain.ref(), RepairPolicy.NOTHING, LONG),
        (plug, domain) -> plug.adoptAsync(domain.ref(), VOLUME, LONG),
        (plug, domain) -> plug.limitAsync(domain.ref(), VOLUME, IoTune.UNLIMITED, LONG),
        (plug, domain) -> plug.growAsync(domain.ref(), VOLUME, 1 << 20, LONG),
        (plug, domain) -> plug.findVolumeAsync(VOLUME, LONG));
  }

  @ParameterizedTest
  @MethodSource("requests")
  void whatDependsOnAFutureRunsOnTheExecutorOfTheCaller(Request request) throws Exception {
    domain.next(Call.LOOKUP, ScriptedDomain.hangs(returns));
    try (DiskPlug plug = plug(callers)) {
      CompletableFuture<?> sent = request.send(plug, domain);
      CompletableFuture<String> thread =
          sent.thenApply(outcome -> Thread.currentThread().getName());
      assertThat(sent).isNotDone();
      returns.countDown();

      assertThat(thread.get()).isEqualTo(CALLERS);
      assertThat(sent.get()).isNotNull();
    }
  }

  @Test
  void anInstanceThatWaivesMoreKeepsTheExecutor() throws Exception {
    domain.next(Call.LOOKUP, ScriptedDomain.hangs(returns));
    try (DiskPlug plug = plug(callers)) {
      CompletableFuture<String> thread =
          plug.waiving(Waiver.SAVED_STATE)
              .attachAsync(domain.ref(), ONE, LONG)
              .thenApply(outcome -> Thread.currentThread().getName());
      returns.countDown();

      assertThat(thread.get()).isEqualTo(CALLERS);
    }
  }

  @Test
  void withoutAWordItIsNoThreadOfTheLibrary() throws Exception {
    domain.next(Call.LOOKUP, ScriptedDomain.hangs(returns));
    try (DiskPlug plug = plug(Options.defaults())) {
      CompletableFuture<String> thread =
          plug.attachAsync(domain.ref(), ONE, LONG)
              .thenApply(outcome -> Thread.currentThread().getName());
      returns.countDown();

      assertThat(thread.get()).doesNotContain("diskplug");
    }
  }

  private static Stream<Executor> executorsThatTakeNothing() {
    ExecutorService shutDown = Executors.newSingleThreadExecutor();
    shutDown.shutdown();
    return Stream.of(
        shutDown,
        task -> {
          throw new IllegalStateException("the caller's mistake");
        });
  }

  @ParameterizedTest
  @MethodSource("executorsThatTakeNothing")
  void anExecutorThatTakesNothingLosesNoOutcome(Executor executor) throws Exception {
    domain.next(Call.LOOKUP, ScriptedDomain.hangs(returns));
    AtomicReference<String> thread = new AtomicReference<>();
    String log =
        whileWatchingTheLog(
            () -> {
              try (DiskPlug plug = plug(executor)) {
                CompletableFuture<AttachOutcome> sent = plug.attachAsync(domain.ref(), ONE, LONG);
                CompletableFuture<Void> told =
                    sent.thenAccept(outcome -> thread.set(Thread.currentThread().getName()));
                returns.countDown();
                told.get(); // a wait for the other future would run it here
                assertThat(sent.get()).isInstanceOf(Attached.class);
              }
            });

    assertThat(thread.get()).startsWith("diskplug-worker");
    assertThat(log).startsWith("completion-rejected thread=" + thread.get() + " ");
  }

  private interface Body {
    void run() throws Exception;
  }

  private static String whileWatchingTheLog(Body body) throws Exception {
    try (RecordedLogs logs = RecordedLogs.from(Level.WARN)) {
      body.run();
      return String.join("\n", logs.texts(Level.WARN));
    }
  }

  @Test
  void anExecutorThatRunsTasksAtOnceIsTaken() throws Exception {
    try (DiskPlug plug = plug(Runnable::run)) {
      String log =
          whileWatchingTheLog(
              () ->
                  assertThat(plug.inspectAsync(domain.ref(), LONG).get())
                      .isInstanceOf(Inspected.class));

      assertThat(log).isEmpty();
    }
  }

  @Test
  void aDependentThatFailsDoesNotCostTheOutcome() throws Exception {
    domain.next(Call.LOOKUP, ScriptedDomain.hangs(returns));
    try (DiskPlug plug = plug(Runnable::run)) {
      CompletableFuture<AttachOutcome> sent = plug.attachAsync(domain.ref(), ONE, LONG);
      CompletableFuture<Void> dependent =
          sent.thenAccept(
              outcome -> {
                throw new IllegalStateException("the caller's mistake");
              });
      returns.countDown();

      assertThatThrownBy(dependent::get).hasCauseInstanceOf(IllegalStateException.class);
      assertThat(sent.get()).isInstanceOf(Attached.class);
      assertThat(plug.attach(domain.ref(), ONE, LONG)).isInstanceOf(AlreadyAttached.class);
    }
  }

  @Test
  void aCancelledFutureAsksNothingOfTheExecutor() throws Exception {
    domain.next(Call.READ_STATUS, ScriptedDomain.hangs(returns));
    String log =
        whileWatchingTheLog(
            () -> {
              try (DiskPlug plug =
                  plug(
                      task -> {
                        throw new IllegalStateException("asked");
                      })) {
                CompletableFuture<DetachOutcome> sent =
                    plug.detachAsync(domain.ref(), VOLUME, LONG);
                await().until(() -> domain.count(Call.READ_STATUS) == 1);

                assertThat(sent.cancel(true)).isTrue();

                returns.countDown();
                assertThat(sent).isCancelled();
              }
            });

    assertThat(log).isEmpty();
  }

  /** The first hangs, and is sent; the others do not begin. */
  @Test
  void cancellingAListCancelsThoseWithoutAnOutcome() throws Exception {
    FileDisk three = disk("three");
    domain.next(Call.ATTACH, Runnable::run, ScriptedDomain.hangs(returns));
    try (DiskPlug plug = plug(callers)) {
      CompletableFuture<List<AttachOutcome>> sent =
          plug.attachAllAsync(domain.ref(), List.of(ONE, TWO, three), LONG);
      await().until(() -> domain.count(Call.ATTACH) == 2);

      assertThat(sent.cancel(true)).isTrue();

      returns.countDown();
      await().until(() -> plug.attach(domain.ref(), TWO, LONG) instanceof AlreadyAttached);
      assertThat(domain.count(Call.ATTACH)).isEqualTo(2);
      assertThat(sent).isCancelled();
    }
  }

  @Test
  void aListHasItsOutcomesInOrderWhenEachHasOne() throws Exception {
    domain.next(Call.ATTACH, Runnable::run, ScriptedDomain.hangs(returns));
    try (DiskPlug plug = plug(callers)) {
      CompletableFuture<List<AttachOutcome>> sent =
          plug.attachAllAsync(domain.ref(), List.of(ONE, TWO, ONE), LONG);
      await().until(() -> domain.count(Call.ATTACH) == 2);
      assertThat(sent).isNotDone();
      returns.countDown();

      assertThat(sent.get())
          .extracting(Object::getClass)
          .containsExactly(Attached.class, Attached.class, AlreadyAttached.class);
    }
  }

  /** A mistake in a part that the caller has brought, of which one request learns. */
  @Test
  void aListWithoutAnOutcomeSaysWhyWhenTheOthersAreDone() throws Exception {
    domain.next(
        Call.READ_STATUS,
        effect -> {
          throw new IllegalStateException("the caller's mistake");
        });
    try (DiskPlug plug = plug(callers)) {
      CompletableFuture<List<AttachOutcome>> sent =
          plug.attachAllAsync(domain.ref(), List.of(ONE, TWO), LONG);

      assertThatThrownBy(() -> sent.get(LONG.toSeconds(), TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the caller's mistake");
      assertThat(domain.count(Call.ATTACH)).isEqualTo(1);
    }
  }

  @Test
  void anInterruptEndsAListThatIsWaitedFor() throws Exception {
    domain.next(Call.ATTACH, ScriptedDomain.hangs(returns));
    AtomicReference<List<AttachOutcome>> outcomes = new AtomicReference<>(List.of());
    try (DiskPlug plug = plug(callers)) {
      Thread waiting =
          new Thread(
              () -> outcomes.set(plug.attachAll(domain.ref(), List.of(ONE, TWO), LONG)), "waits");
      waiting.start();
      await().until(() -> domain.count(Call.ATTACH) == 1);
      waiting.interrupt();
      waiting.join();

      assertThat(outcomes.get())
          .extracting(outcome -> outcome.toString().replaceAll("(?s),.*", ""))
          .containsExactly("Indeterminate[reason=INTERRUPTED", "Unavailable[reason=INTERRUPTED");
    }
  }
}
