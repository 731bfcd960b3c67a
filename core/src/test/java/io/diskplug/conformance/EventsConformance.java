// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static io.diskplug.conformance.Subject.BOTH;
import static io.diskplug.conformance.Subject.IN_CONFIG;
import static io.diskplug.conformance.Subject.IN_LIVE;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.internal.port.DomainHandle.Subscription;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** When a subscriber is told to look. Signals may be more than there was to tell. */
@SuppressWarnings("try") // a subscription is held open, not used
public abstract class EventsConformance extends ConformanceSuite {

  private static final Duration QUIET = Duration.ofMillis(500);

  private final AtomicInteger signals = new AtomicInteger();

  /** A subscription that is known to work, and its counter at zero. */
  private Subscription subscribed(Subject subject) {
    Subscription subscription = subject.handle().subscribe(signals::incrementAndGet);
    // Listening begins some time soon, and is itself a reason to look.
    bed().pass(QUIET);
    signals.set(0);
    return subscription;
  }

  private void awaitSignal() {
    bed().await("a signal", () -> signals.get() > 0);
  }

  @Test
  void theRemovalOfADeviceIsTold() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias());
    pc.attachSeen(disk, BOTH);
    try (Subscription unused = subscribed(pc)) {
      pc.handle().detachDeviceByAlias(disk.alias(), BOTH);
      awaitSignal();
    }
    pc.awaitNotLive("vdb");
  }

  @Test
  void aLateReleaseIsTold() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias());
    pc.attachSeen(disk, BOTH);
    pc.machine().suspend();
    pc.handle().detachDeviceByAlias(disk.alias(), BOTH);
    try (Subscription unused = subscribed(pc)) {
      pc.machine().resume();
      pc.awaitNotLive("vdb");
      awaitSignal();
    }
  }

  @Test
  void startAndStopAreTold() throws Exception {
    Subject subject = machines().fresh(MachineSpec.pc());
    try (Subscription unused = subscribed(subject)) {
      subject.machine().startPaused();
      awaitSignal();
      bed().pass(QUIET);
      signals.set(0);
      subject.machine().destroy();
      awaitSignal();
    }
  }

  @Test
  void theDeathOfQemuIsTold() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    try (Subscription unused = subscribed(subject)) {
      subject.machine().killQemu();
      awaitSignal();
    }
  }

  @Test
  void whatHappensToOthersIsNotTold() throws Exception {
    Subject pc = pc();
    Subject other = machines().fresh(MachineSpec.pc());
    try (Subscription unused = subscribed(pc)) {
      other.machine().startPaused();
      other.machine().destroy();
      bed().pass(QUIET);
      assertThat(signals).hasValue(0);
    }
  }

  @Test
  void anAttachIsNotTold() throws Exception {
    Subject pc = pc();
    try (Subscription unused = subscribed(pc)) {
      pc.attachSeen(disk("vdb"), IN_LIVE);
      bed().pass(QUIET);
      assertThat(signals).hasValue(0);
    }
  }

  @Test
  void aChangeOfThePersistentViewIsNoRemoval() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias());
    pc.attach(disk, IN_CONFIG);
    try (Subscription unused = subscribed(pc)) {
      pc.handle().detachDeviceByAlias(disk.alias(), IN_CONFIG);
      bed().pass(QUIET);
      assertThat(signals).hasValue(0);
    }
  }

  @Test
  void aSubscriptionThatIsClosedIsToldNothing() throws Exception {
    Subject subject = machines().fresh(MachineSpec.pc());
    subscribed(subject).close();

    subject.machine().startPaused();

    bed().pass(QUIET);
    assertThat(signals).hasValue(0);
  }
}
