// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;

import io.diskplug.fault.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LanesTest {

  private static final int MOST = 3;

  private final class Guest implements Lanes.QueuedRequest {
    final String name;
    boolean patient = true;
    Runnable during = () -> {};

    Guest(String name) {
      this.name = name;
    }

    @Override
    public void turn() {
      told.add(name);
      during.run();
    }

    @Override
    public boolean blocked(Object lane, CallUnderWay call) {
      told.add(name + " blocked by " + call.call());
      return patient;
    }
  }

  private final ManualScheduler scheduler = new ManualScheduler();
  private final Lanes lanes = new Lanes(scheduler, MOST);
  private final List<String> told = new ArrayList<>();
  private final Guest a = new Guest("a");
  private final Guest b = new Guest("b");
  private final Guest c = new Guest("c");

  @AfterEach
  void noLaneIsLeftBehind() {
    scheduler.runAll();
    assertThat(lanes).extracting("lanes").asInstanceOf(MAP).isEmpty();
  }

  @Test
  void firstInIsFirstOutAndOneAtATime() {
    lanes.join("lane", a);
    lanes.join("lane", b);
    lanes.join("lane", c);
    assertThat(scheduler.tasks).hasSize(1);

    scheduler.runAll();

    assertThat(told).containsExactly("a", "b", "c");
  }

  @Test
  void lanesRunSideBySide() {
    lanes.join("one", a);
    lanes.join("other", b);

    assertThat(scheduler.tasks).hasSize(2);
  }

  @Test
  void aFullLaneTurnsAwayAndOthersDoNot() {
    lanes.join("lane", a);
    lanes.join("lane", b);
    lanes.join("lane", c);

    assertThat(lanes.join("lane", new Guest("d"))).isFalse();
    assertThat(lanes.join("other", new Guest("e"))).isTrue();
    scheduler.runAll();
    assertThat(lanes.join("lane", new Guest("f"))).isTrue();
  }

  @Test
  void whoHasLeftHasNoTurn() {
    lanes.join("lane", a);
    lanes.join("lane", b);
    assertThat(lanes.leave("lane", b)).isTrue();
    assertThat(lanes.leave("lane", b)).isFalse();
    assertThat(lanes.leave("nowhere", c)).isFalse();
    scheduler.runAll();

    assertThat(told).containsExactly("a");
  }

  @Test
  void whoJoinsAgainDuringItsTurnIsBehindTheOthers() {
    boolean[] again = {true};
    a.during =
        () -> {
          if (again[0]) {
            again[0] = false;
            lanes.join("lane", a);
          }
        };
    lanes.join("lane", a);
    lanes.join("lane", b);
    scheduler.runAll();

    assertThat(told).containsExactly("a", "b", "a");
  }

  @Test
  void aTurnThatFailsDoesNotStopTheLane() {
    a.during =
        () -> {
          throw new IllegalStateException("bug");
        };
    lanes.join("lane", a);
    lanes.join("lane", b);
    try {
      scheduler.runAll();
    } catch (IllegalStateException e) {
      told.add(e.getMessage());
    }
    scheduler.runAll();

    assertThat(told).containsExactly("a", "bug", "b");
  }

  @Test
  void thoseBehindACallThatHangsAreToldAfterASecond() {
    b.patient = false;
    a.during =
        () -> {
          scheduler.now = Duration.ofMillis(300).toNanos();
          lanes.stuck("lane", a, new CallUnderWay(Call.ATTACH, 0));
          assertThat(told).containsExactly("a");
          scheduler.now = Duration.ofSeconds(1).toNanos();
          scheduler.timers.forEach(Runnable::run);
          assertThat(told).containsExactly("a", "b blocked by ATTACH", "c blocked by ATTACH");
        };
    lanes.join("lane", a);
    lanes.join("lane", b);
    lanes.join("lane", c);
    scheduler.runAll();

    // The one that did not wait is gone, the other has its turn when the call has returned.
    assertThat(told).endsWith("c blocked by ATTACH", "c");
  }

  @Test
  void whoComesLaterIsToldAtOnce() {
    b.patient = false;
    a.during =
        () -> {
          scheduler.now = Duration.ofSeconds(2).toNanos();
          lanes.stuck("lane", a, new CallUnderWay(Call.ATTACH, 0));
          lanes.join("lane", b);
          assertThat(told).containsExactly("a", "b blocked by ATTACH");
        };
    lanes.join("lane", a);
    scheduler.runAll();
    lanes.join("lane", c);
    scheduler.runAll();

    assertThat(told).endsWith("b blocked by ATTACH", "c");
  }

  @Test
  void aCallThatReturnsWithinTheSecondIsNotSpokenOf() {
    a.during = () -> lanes.stuck("lane", a, new CallUnderWay(Call.ATTACH, 0));
    lanes.join("lane", a);
    lanes.join("lane", b);
    scheduler.runAll();
    scheduler.now = Duration.ofSeconds(1).toNanos();
    lanes.join("lane", c);
    scheduler.timers.forEach(Runnable::run);
    scheduler.runAll();

    assertThat(told).containsExactly("a", "b", "c");
  }
}
