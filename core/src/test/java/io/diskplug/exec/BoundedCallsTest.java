// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.diskplug.fault.Call;
import io.diskplug.fault.FaultException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BoundedCallsTest {

  private static final String KEY = "domain";

  private final BoundedCalls calls = new BoundedCalls(Time.system());
  private final CountDownLatch returns = new CountDownLatch(1);

  @AfterEach
  void close() {
    returns.countDown();
    calls.close();
  }

  private static Deadline farAway() {
    return Deadline.after(Time.system(), Duration.ofMinutes(5));
  }

  private static Deadline soon() {
    return Deadline.after(Time.system(), Duration.ofMillis(50));
  }

  private String hang() {
    while (returns.getCount() > 0) {
      try {
        returns.await();
      } catch (InterruptedException e) {
        // A native call does not notice.
      }
    }
    return "late";
  }

  @Test
  void aResultIsReturned() throws Exception {
    assertThat(calls.call(KEY, Call.READ_XML, farAway(), () -> "xml")).isEqualTo("xml");
    assertThat(calls.outstanding(KEY)).isEmpty();
  }

  @Test
  void theCallRunsOnADaemonThreadThatCanBeRecognized() throws Exception {
    Thread thread = calls.call(KEY, Call.READ_XML, farAway(), Thread::currentThread);

    assertThat(thread).isNotSameAs(Thread.currentThread());
    assertThat(thread.isDaemon()).isTrue();
    assertThat(thread.getName()).startsWith("diskplug-call-");
  }

  @Test
  void whatTheCallThrowsIsThrown() {
    FaultException fault = ScriptedDomain.fault(Call.ATTACH, 1, "message");
    IllegalStateException bug = new IllegalStateException("bug");
    UnsatisfiedLinkError missing = new UnsatisfiedLinkError("no libvirt");

    assertThatThrownBy(
            () ->
                calls.call(
                    KEY,
                    Call.ATTACH,
                    farAway(),
                    () -> {
                      throw fault;
                    }))
        .isSameAs(fault);
    assertThatThrownBy(
            () ->
                calls.call(
                    KEY,
                    Call.ATTACH,
                    farAway(),
                    () -> {
                      throw bug;
                    }))
        .isSameAs(bug);
    assertThatThrownBy(
            () ->
                calls.call(
                    KEY,
                    Call.ATTACH,
                    farAway(),
                    () -> {
                      throw missing;
                    }))
        .isSameAs(missing);
    assertThat(calls.outstanding(KEY)).isEmpty();
  }

  @Test
  void aCallThatOutlastsItsDeadlineIsOutstandingUntilItReturns() {
    long before = System.nanoTime();
    CallUnfinishedException unfinished =
        catchThrowableOfType(
            CallUnfinishedException.class, () -> calls.call(KEY, Call.ATTACH, soon(), this::hang));

    assertThat(unfinished.sent()).isTrue();
    assertThat(unfinished.call()).isEqualTo(Call.ATTACH);
    assertThat(unfinished).hasMessage("ATTACH has not returned before the deadline");
    BoundedCalls.Outstanding stuck = calls.outstanding(KEY).orElseThrow();
    assertThat(stuck.call()).isEqualTo(Call.ATTACH);
    assertThat(stuck.sinceNanos()).isBetween(before, System.nanoTime());
    assertThat(calls.outstanding(KEY)).isPresent();

    returns.countDown();
    await().until(() -> calls.outstanding(KEY).isEmpty());
  }

  @Test
  void otherKeysDoNotNotice() throws Exception {
    assertThatThrownBy(() -> calls.call(KEY, Call.ATTACH, soon(), this::hang))
        .isInstanceOf(CallUnfinishedException.class);

    assertThat(calls.outstanding("other")).isEmpty();
    assertThat(calls.call("other", Call.READ_XML, farAway(), () -> "xml")).isEqualTo("xml");
  }

  @Test
  void aCallIsNotMadeAfterItsDeadline() throws Exception {
    AtomicBoolean made = new AtomicBoolean();
    SteppedTime time = new SteppedTime();
    Deadline passed = Deadline.after(time, Duration.ofMillis(1));

    CallUnfinishedException unfinished =
        catchThrowableOfType(
            CallUnfinishedException.class,
            () -> calls.call(KEY, Call.DETACH, passed, () -> made.getAndSet(true)));

    assertThat(unfinished.sent()).isFalse();
    assertThat(unfinished).hasMessage("DETACH was not sent before the deadline");
    assertThat(calls.outstanding(KEY)).isEmpty();
    assertThat(made).isFalse();
  }

  @Test
  void anInterruptEndsTheWaitAndNotTheCall() throws Exception {
    AtomicBoolean effect = new AtomicBoolean();
    Worker<Boolean> waiting =
        Worker.start(
            () ->
                calls.call(
                    KEY,
                    Call.ATTACH,
                    farAway(),
                    () -> {
                      hang();
                      return effect.getAndSet(true);
                    }));
    waiting.awaitWaitingIn(BoundedCalls.class).interrupt();

    assertThatThrownBy(waiting::result).hasCauseInstanceOf(InterruptedException.class);
    assertThat(calls.outstanding(KEY)).isPresent();
    assertThat(effect).isFalse();

    returns.countDown();
    await().until(() -> calls.outstanding(KEY).isEmpty());
    assertThat(effect).isTrue();
  }

  @Test
  void closingEndsTheWaitAndNotTheCall() throws Exception {
    AtomicBoolean effect = new AtomicBoolean();
    Worker<Boolean> waiting =
        Worker.start(
            () ->
                calls.call(
                    KEY,
                    Call.ATTACH,
                    farAway(),
                    () -> {
                      hang();
                      return effect.getAndSet(true);
                    }));
    waiting.awaitWaitingIn(BoundedCalls.class);

    calls.close();

    assertThatThrownBy(waiting::result)
        .cause()
        .isInstanceOfSatisfying(
            CallUnfinishedException.class, unfinished -> assertThat(unfinished.sent()).isTrue());
    assertThat(calls.outstanding(KEY)).isPresent();
    returns.countDown();
    await().untilTrue(effect);
  }

  @Test
  void afterClosingNoCallIsMade() {
    AtomicBoolean made = new AtomicBoolean();
    calls.close();

    CallUnfinishedException unfinished =
        catchThrowableOfType(
            CallUnfinishedException.class,
            () -> calls.call(KEY, Call.ATTACH, farAway(), () -> made.getAndSet(true)));

    assertThat(unfinished.sent()).isFalse();
    assertThat(calls.outstanding(KEY)).isEmpty();
    assertThat(made).isFalse();
  }

  @Test
  void anOutstandingCallTellsSinceWhen() {
    assertThatThrownBy(() -> calls.call(KEY, Call.ATTACH, soon(), this::hang))
        .isInstanceOf(CallUnfinishedException.class);

    BoundedCalls.Outstanding stuck = calls.outstanding(KEY).orElseThrow();

    assertThat(stuck.since(Time.system())).isBetween(Duration.ofMillis(10), Duration.ofSeconds(50));
    assertThat(stuck.describe(Time.system()))
        .matches("an earlier ATTACH has not returned for [0-9]+ ms");
  }
}
