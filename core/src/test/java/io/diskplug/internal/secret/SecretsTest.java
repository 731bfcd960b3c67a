// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.disk.SecretRef;
import io.diskplug.disk.SecretUsage;
import io.diskplug.domain.DomainRef;
import io.diskplug.fault.Call;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.fault.FaultClassifier;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.model.SecretDefinition;
import io.diskplug.internal.observe.RecordedLogs;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.port.KnownDomain;
import io.diskplug.internal.port.SecretStore;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.outcome.SecretFailedException;
import io.diskplug.outcome.SecretFailedException.Reason;
import io.diskplug.secret.Secrets;
import io.diskplug.sim.Moment;
import io.diskplug.sim.SimulatedHost;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;

class SecretsTest {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(500);
  private static final SecretUsage USAGE = SecretUsage.ceph("client.cinder secret");
  private static final UUID ASKED_FOR = new UUID(1, 1);
  private static final UUID ANOTHER = new UUID(2, 2);
  private static final byte[] KEY = {7, 0, 7};
  private static final byte[] NEXT_KEY = {8, 0, 8, 8};

  private final SimulatedHost host = new SimulatedHost();
  private final DiskPlug plug = DiskPlug.on(host.connect("test"), Options.defaults());
  private final Secrets secrets = plug.secrets();
  private final SecretStore store = storeOf("operator");
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final CountDownLatch mayReturn = new CountDownLatch(1);

  private SecretStore storeOf(String client) {
    try {
      return host.connect(client).secrets();
    } catch (FaultException e) {
      throw new AssertionError(e);
    }
  }

  /** The first secret that is written loads jakarta.xml.bind, which may take longer than SHORT. */
  @BeforeAll
  static void loadTheCode() {
    try (DiskPlug first = DiskPlug.on(new SimulatedHost().connect("first"), Options.defaults())) {
      SecretRef unused = first.secrets().ensure(key(), LONG);
    }
  }

  @AfterEach
  void close() {
    mayReturn.countDown();
    plug.close();
  }

  private static GivenSecret key() {
    return GivenSecret.of(USAGE, KEY);
  }

  private static String xml(SecretUsage usage, UUID uuid, String attributes) {
    String id = usage.equals(USAGE) ? "<name>%s</name>" : "<target>%s</target>";
    return "<secret %s><uuid>%s</uuid><description>ours</description><usage type='%s'>%s</usage></secret>"
        .formatted(attributes, uuid, usage.type(), id.formatted(usage.name()));
  }

  private SecretDefinition read(UUID uuid) throws FaultException {
    return DomainXmlReader.readSecret(store.xml(uuid).orElseThrow());
  }

  private SecretFailedException failure(GivenSecret secret, Duration deadline) {
    SecretFailedException failure =
        catchThrowableOfType(SecretFailedException.class, () -> secrets.ensure(secret, deadline));
    assertThat(failure).isNotNull();
    return failure;
  }

  private void hang(Call kind) {
    host.observe(
        point -> {
          if (point.call() == kind && point.moment() == Moment.BEFORE) {
            boolean interrupted = false;
            while (mayReturn.getCount() > 0) {
              try {
                mayReturn.await();
              } catch (InterruptedException e) {
                interrupted = true; // a native call does not notice
              }
            }
            if (interrupted) {
              Thread.currentThread().interrupt();
            }
          }
        });
  }

  private void recordCalls() {
    host.observe(
        point -> {
          if (point.moment() == Moment.BEFORE) {
            calls.add(point.call());
          }
        });
  }

  @Test
  void whatIsNotThereIsDefinedAndGivenItsValue() throws Exception {
    GivenSecret key = key();

    SecretRef secret = secrets.ensure(key, LONG);

    assertThat(read(secret.byUuid().orElseThrow()))
        .isEqualTo(
            new SecretDefinition(
                Optional.of(secret.byUuid().orElseThrow()),
                "ceph",
                USAGE.name(),
                false,
                true,
                Optional.empty()));
    assertThat(host.secretValue(USAGE)).contains(KEY);
    assertThat(secrets.find(USAGE, LONG)).contains(secret.byUuid().orElseThrow());
    assertThat(key.isWiped()).isTrue();
  }

  @Test
  void theUuidIsTheOneThatWasAskedFor() throws Exception {
    assertThat(secrets.ensure(key().as(ASKED_FOR).inMemory(), LONG))
        .isEqualTo(SecretRef.uuid(ASKED_FOR));

    assertThat(read(ASKED_FOR).ephemeral()).isTrue();
  }

  @Test
  void aPasswordIsFoundByItsTarget() {
    SecretUsage usage = SecretUsage.iscsi("target & co");

    SecretRef secret = secrets.ensure(GivenSecret.of(usage, KEY), LONG);

    assertThat(secrets.find(usage, LONG)).contains(secret.byUuid().orElseThrow());
    assertThat(secrets.find(SecretUsage.ceph(usage.name()), LONG)).isEmpty();
  }

  @Test
  void whatIsThereIsGivenTheValueAndNotDefinedAgain() {
    SecretRef before = secrets.ensure(key().as(ASKED_FOR), LONG);
    recordCalls();
    GivenSecret next = GivenSecret.of(USAGE, NEXT_KEY).as(ASKED_FOR);

    assertThat(secrets.ensure(next, LONG)).isEqualTo(before);

    assertThat(host.secretValue(USAGE)).contains(NEXT_KEY);
    assertThat(calls).contains(Call.SET_SECRET).doesNotContain(Call.DEFINE_SECRET);
    assertThat(calls).last().isEqualTo(Call.READ_SECRET);
    assertThat(next.isWiped()).isTrue();
  }

  @Test
  void whatIsNotPrivateIsMadePrivateAndKeepsItsDescription() throws Exception {
    store.define(xml(USAGE, ANOTHER, "private='no'"));

    assertThat(secrets.ensure(key(), LONG).byUuid().orElseThrow()).isEqualTo(ANOTHER);

    assertThat(read(ANOTHER).isPrivate()).isTrue();
    assertThat(read(ANOTHER).description()).contains("ours");
  }

  @Test
  void whatIsKeptInAFileIsTakenFromIt() throws Exception {
    secrets.ensure(key().as(ASKED_FOR), LONG);

    secrets.ensure(key().as(ASKED_FOR).inMemory(), LONG);

    assertThat(read(ASKED_FOR).ephemeral()).isTrue();
    host.crashDaemon();
    assertThat(host.secretValue(USAGE)).isEmpty();
  }

  @Test
  void aUsageWithAnotherUuidIsAConflictAndStaysAsItIs() throws Exception {
    secrets.ensure(GivenSecret.of(USAGE, NEXT_KEY).as(ANOTHER), LONG);
    GivenSecret key = key().as(ASKED_FOR);

    SecretFailedException failure = failure(key, LONG);

    assertThat(failure.reason()).isEqualTo(Reason.CONFLICT);
    assertThat(failure).hasMessageContainingAll(ASKED_FOR.toString(), ANOTHER.toString());
    assertThat(host.secretValue(USAGE)).contains(NEXT_KEY);
    assertThat(store.xml(ASKED_FOR)).isEmpty();
    assertThat(key.isWiped()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aUuidWithAnotherUsageIsAConflictAndStaysAsItIs(boolean ofTheSameName) throws Exception {
    SecretUsage other = SecretUsage.iscsi(ofTheSameName ? USAGE.name() : "other");
    store.define(xml(other, ASKED_FOR, "private='no'"));

    SecretFailedException failure = failure(key().as(ASKED_FOR), LONG);

    assertThat(failure.reason()).isEqualTo(Reason.CONFLICT);
    assertThat(failure).hasMessageContainingAll(other.toString(), USAGE.toString());
    assertThat(read(ASKED_FOR).usageType()).isEqualTo("iscsi");
    assertThat(read(ASKED_FOR).isPrivate()).isFalse();
  }

  @Test
  void itIsRemovedOnce() {
    secrets.ensure(key(), LONG);

    assertThat(secrets.remove(USAGE, LONG)).isTrue();
    assertThat(secrets.remove(USAGE, LONG)).isFalse();
    assertThat(secrets.find(USAGE, LONG)).isEmpty();
  }

  @Test
  void aRemovalThatHadItsEffectAndLostItsAnswerHasRemoved() {
    secrets.ensure(key(), LONG);
    host.failNext(Call.REMOVE_SECRET, Moment.AFTER, 38, "Cannot recv data: Connection reset");

    assertThat(secrets.remove(USAGE, LONG)).isTrue();
  }

  @Test
  void whatSomebodyElseDefinesDuringARemovalStays() throws Exception {
    secrets.ensure(key(), LONG);
    host.onceAt(
        Call.REMOVE_SECRET,
        Moment.AFTER,
        () -> unchecked(() -> store.define(xml(USAGE, ANOTHER, ""))));

    assertThat(secrets.remove(USAGE, LONG)).isTrue();

    assertThat(store.find(USAGE)).contains(ANOTHER);
  }

  /** With the UUID that all hosts give it. */
  @Test
  void whatAnotherProcessEnsuresDuringARemovalStays() throws Exception {
    secrets.ensure(key().as(ASKED_FOR), LONG);
    host.onceAt(
        Call.REMOVE_SECRET,
        Moment.AFTER,
        () -> unchecked(() -> store.define(xml(USAGE, ASKED_FOR, ""))));

    assertThat(secrets.remove(USAGE, LONG)).isTrue();

    assertThat(store.find(USAGE)).contains(ASKED_FOR);
  }

  @Test
  void aDaemonThatIsBusyForAWhileIsNobodyElse() {
    for (int i = 0; i < 7; i++) {
      host.failNext(
          Call.DEFINE_SECRET,
          Moment.BEFORE,
          68,
          "Timed out during operation: cannot acquire state change lock");
    }

    assertThat(secrets.ensure(key(), LONG)).isNotNull();
  }

  private interface Body {
    void run() throws FaultException;
  }

  private static void unchecked(Body body) {
    try {
      body.run();
    } catch (FaultException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whoeverDefinesItFirstHasDefinedItForBoth() {
    host.onceAt(
        Call.DEFINE_SECRET,
        Moment.BEFORE,
        () -> unchecked(() -> store.define(xml(USAGE, ANOTHER, ""))));

    assertThat(secrets.ensure(key(), LONG).byUuid().orElseThrow()).isEqualTo(ANOTHER);

    assertThat(host.secretValue(USAGE)).contains(KEY);
  }

  @Test
  void whoeverDefinesItFirstWithAnotherUuidIsAConflict() {
    host.onceAt(
        Call.DEFINE_SECRET,
        Moment.BEFORE,
        () -> unchecked(() -> store.define(xml(USAGE, ANOTHER, ""))));

    assertThat(failure(key().as(ASKED_FOR), LONG).reason()).isEqualTo(Reason.CONFLICT);

    assertThat(host.secretValue(USAGE)).isEmpty();
  }

  @Test
  void manyProcessesAtTheSameMomentConverge() throws Exception {
    int processes = 6;
    ExecutorService threads = Executors.newFixedThreadPool(processes);
    CountDownLatch go = new CountDownLatch(1);
    List<Future<UUID>> found = new ArrayList<>();
    for (int i = 0; i < processes; i++) {
      HypervisorPort own = host.connect("process " + i);
      found.add(
          threads.submit(
              () -> {
                try (DiskPlug one = DiskPlug.on(own, Options.defaults())) {
                  go.await();
                  return one.secrets().ensure(key(), LONG).byUuid().orElseThrow();
                }
              }));
    }
    go.countDown();

    UUID first = found.get(0).get();
    for (Future<UUID> one : found) {
      assertThat(one.get()).isEqualTo(first);
    }
    assertThat(host.secretValue(USAGE)).contains(KEY);
    threads.shutdown();
  }

  @Test
  void whatIsRemovedBeforeItHasItsValueIsDefinedAgain() {
    host.onceAt(Call.SET_SECRET, Moment.BEFORE, () -> unchecked(() -> store.remove(ASKED_FOR)));

    secrets.ensure(key().as(ASKED_FOR), LONG);

    assertThat(host.secretValue(USAGE)).contains(KEY);
  }

  @Test
  void whatIsRemovedAfterItHasItsValueIsGivenItAgain() {
    host.onceAt(Call.SET_SECRET, Moment.AFTER, () -> unchecked(() -> store.remove(ASKED_FOR)));

    secrets.ensure(key().as(ASKED_FOR), LONG);

    assertThat(host.secretValue(USAGE)).contains(KEY);
  }

  @Test
  void somebodyWhoRemovesItAgainAndAgainIsAConflict() {
    host.observe(
        point -> {
          if (point.client().equals("test")
              && point.call() == Call.SET_SECRET
              && point.moment() == Moment.AFTER) {
            store.remove(ASKED_FOR);
          }
        });
    GivenSecret key = key().as(ASKED_FOR);

    assertThat(failure(key, LONG).reason()).isEqualTo(Reason.CONFLICT);
    assertThat(key.isWiped()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(
      value = Call.class,
      names = {"READ_SECRET", "DEFINE_SECRET", "SET_SECRET"})
  void aConnectionThatIsLostIsNoReasonToGiveUp(Call call) {
    for (Moment moment : new Moment[] {Moment.BEFORE, Moment.AFTER}) {
      host.failNext(call, moment, 38, "Cannot recv data: Connection reset by peer");
    }
    GivenSecret key = key();

    secrets.ensure(key, LONG);

    assertThat(host.secretValue(USAGE)).contains(KEY);
    assertThat(key.isWiped()).isTrue();
  }

  @Test
  void aDaemonThatIsAwayIsUnavailableAtTheDeadline() {
    host.killDaemon();
    GivenSecret key = key();

    SecretFailedException failure = failure(key, SHORT);

    assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(failure.fault().orElseThrow().message()).contains("Failed to connect socket");
    assertThat(key.isWiped()).isTrue();
  }

  @Test
  void whatLibvirtForbidsIsRefusedAtOnce() {
    host.failNext(Call.DEFINE_SECRET, Moment.BEFORE, 88, "access denied: 'secret' denied");
    GivenSecret key = key();

    SecretFailedException failure = failure(key, LONG);

    assertThat(failure.reason()).isEqualTo(Reason.REFUSED);
    assertThat(failure.fault().orElseThrow().code()).isEqualTo(88);
    assertThat(key.isWiped()).isTrue();
  }

  @Test
  void anErrorOfWhichNothingIsKnownIsTriedAFewTimes() {
    for (int i = 0; i < 5; i++) {
      host.failNext(Call.SET_SECRET, Moment.BEFORE, 38, "Failed to create file: Permission denied");
    }

    SecretFailedException failure = failure(key(), LONG);

    assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(failure.fault().orElseThrow().message()).contains("Failed to create file");
  }

  @ParameterizedTest
  @EnumSource(
      value = Call.class,
      names = {"READ_SECRET", "DEFINE_SECRET", "SET_SECRET"})
  void aCallThatHangsIsLeftAtTheDeadline(Call call) {
    hang(call);
    GivenSecret key = key();
    long start = System.nanoTime();

    SecretFailedException failure = failure(key, SHORT);

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    assertThat(failure.reason()).isEqualTo(Reason.TIMED_OUT);
    assertThat(failure).hasMessageContaining(call.name());
    mayReturn.countDown();
    await().until(key::isWiped);
  }

  @Test
  void aCallThatHangsWithTheValueSetsThatValueWhenItReturns() {
    hang(Call.SET_SECRET);
    failure(key(), SHORT);

    mayReturn.countDown();

    await().until(() -> host.secretValue(USAGE).isPresent());
    assertThat(host.secretValue(USAGE)).contains(KEY);
  }

  @Test
  void thoseBehindACallThatHangsAreTold() {
    hang(Call.READ_SECRET);
    failure(key(), SHORT);

    SecretFailedException failure = failure(key(), LONG);

    assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(failure).hasMessageContaining("has not returned");
  }

  @Test
  void anInterruptEndsTheWaitAndIsStillThere() throws Exception {
    hang(Call.READ_SECRET);
    GivenSecret key = key();
    AtomicReference<SecretFailedException> failure = new AtomicReference<>();
    AtomicBoolean stillInterrupted = new AtomicBoolean();
    Thread caller =
        new Thread(
            () -> {
              failure.set(failure(key, LONG));
              stillInterrupted.set(Thread.currentThread().isInterrupted());
            });
    caller.start();
    await().until(() -> caller.getState() == Thread.State.WAITING);

    caller.interrupt();
    caller.join();

    assertThat(failure.get().reason()).isEqualTo(Reason.INTERRUPTED);
    assertThat(stillInterrupted).isTrue();
    assertThat(key.isWiped()).isTrue();
  }

  /** As where the interrupt comes in the instant in which the request fails. */
  private record InterruptedAfterTheAnswer(Scheduler real) implements Scheduler {

    @Override
    public long nanoTime() {
      return real.nanoTime();
    }

    @Override
    public void execute(Runnable task) {
      real.execute(task);
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
      return real.after(delay, task);
    }

    @Override
    public <T> T await(CompletableFuture<T> future) throws InterruptedException {
      T unused = future.handle((result, problem) -> result).join();
      throw new InterruptedException();
    }

    @Override
    public void close() {
      real.close();
    }
  }

  @Test
  void anInterruptDoesNotWrapWhyARequestFailed() {
    try (Scheduler scheduler = new InterruptedAfterTheAnswer(Scheduler.threads(1))) {
      SecretRequests requests =
          new SecretRequests(FaultClassifier.standard(), scheduler, new Random(1));

      assertThatThrownBy(
              () ->
                  requests.run(
                      calls -> {
                        throw new SecretFailedException(Reason.CONFLICT, "another UUID");
                      },
                      LONG))
          .isInstanceOfSatisfying(
              SecretFailedException.class,
              failure -> assertThat(failure.reason()).isEqualTo(Reason.CONFLICT));
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void closingEndsWhatIsUnderWayAndTakesNothingNew() throws Exception {
    hang(Call.READ_SECRET);
    AtomicReference<SecretFailedException> failure = new AtomicReference<>();
    Thread caller = new Thread(() -> failure.set(failure(key(), LONG)));
    caller.start();
    await().until(() -> caller.getState() == Thread.State.WAITING);

    plug.close();
    caller.join();

    assertThat(failure.get().reason()).isEqualTo(Reason.CLOSED);
    assertThat(failure(key(), LONG).reason()).isEqualTo(Reason.CLOSED);
  }

  @Test
  void aValueThatLibvirtCannotHaveIsRefusedBeforeItIsAsked() {
    recordCalls();
    for (GivenSecret secret :
        List.of(GivenSecret.of(USAGE), GivenSecret.of(USAGE, filled(65537)))) {
      assertThatThrownBy(() -> secrets.ensure(secret, LONG))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(USAGE.name());
      assertThat(secret.isWiped()).isTrue();
    }
    assertThat(calls).isEmpty();
  }

  private static byte[] filled(int length) {
    byte[] value = new byte[length];
    Arrays.fill(value, (byte) 'k');
    return value;
  }

  @Test
  void aDeadlineIsInTheFuture() {
    GivenSecret key = key();

    assertThatThrownBy(() -> secrets.ensure(key, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(key.isWiped()).isTrue();
  }

  @Test
  void aHypervisorWithoutSecretsSaysSo() {
    HypervisorPort bare =
        new HypervisorPort() {
          @Override
          public DomainHandle lookup(DomainRef ref) {
            throw new AssertionError("nobody asks for a domain");
          }

          @Override
          public List<KnownDomain> domains() {
            throw new AssertionError("nobody asks for domains");
          }

          @Override
          public void close() {}
        };
    try (DiskPlug without = DiskPlug.on(bare, Options.defaults())) {
      assertThatThrownBy(() -> without.secrets().find(USAGE, LONG))
          .isInstanceOfSatisfying(
              SecretFailedException.class,
              failure -> assertThat(failure.reason()).isEqualTo(Reason.REFUSED));
    }
  }

  @Test
  void whatChangesIsLoggedOnceAndTheRestIsDebug() {
    try (RecordedLogs logs = RecordedLogs.from(Level.DEBUG)) {
      SecretRef secret = secrets.ensure(key(), LONG);
      secrets.ensure(key(), LONG);
      assertThat(secrets.remove(USAGE, LONG)).isTrue();
      assertThat(secrets.remove(USAGE, LONG)).isFalse();
      host.failNext(Call.DEFINE_SECRET, Moment.BEFORE, 88, "access denied: 'secret' denied");
      failure(key(), LONG);

      String about = "type=ceph usage=\"client.cinder secret\" ";
      assertThat(logs.lines())
          .extracting(line -> line.level() + " " + line.text().replaceAll("took=\\d+ms", "took=_"))
          .containsExactly(
              "INFO secret-defined " + about + "secret=" + secret + " took=_",
              "DEBUG secret-value-set " + about + "secret=" + secret + " took=_",
              "INFO secret-removed " + about + "took=_",
              "DEBUG secret-absent " + about + "took=_",
              logs.lines().get(4).level() + " " + logs.lines().get(4).text());
      assertThat(logs.texts(Level.WARN)).hasSize(1);
      assertThat(logs.texts(Level.WARN).get(0))
          .startsWith("secret-failed " + about + "request=ensure reason=REFUSED problem=\"");
    }
  }

  @Test
  void nothingSaysTheValue() {
    byte[] spoken = "spoken".getBytes(StandardCharsets.US_ASCII);
    SecretValue value = SecretValue.of(GivenSecret.of(USAGE, spoken));
    host.failNext(Call.SET_SECRET, Moment.BEFORE, 88, "access denied");
    List<RecordedLogs.Line> lines;
    SecretFailedException failure;
    try (RecordedLogs logs = RecordedLogs.from(Level.TRACE)) {
      failure = failure(GivenSecret.of(USAGE, spoken), LONG);
      lines = logs.lines();
    }

    assertThat(lines).isNotEmpty();
    assertThat(Stream.of(value, secrets, failure, lines).map(Object::toString))
        .noneMatch(text -> text.contains("spoken") || text.contains(Arrays.toString(spoken)));
  }
}
