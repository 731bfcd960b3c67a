// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.internal.exec.Requests.placed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.Call;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.kind.ExampleKind;
import io.diskplug.internal.observe.ListenerDispatcher;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.storage.StorageProbes;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Unavailable;
import io.diskplug.sim.EventDelivery;
import io.diskplug.sim.GuestBehaviour;
import io.diskplug.sim.Moment;
import io.diskplug.sim.SimulatedDomain;
import io.diskplug.sim.SimulatedHost;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.StorageProbe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Requests that wait for long: what they cost libvirt, and how soon they notice that there is
 * nothing to wait for any more.
 */
class LongWaitTest {

  private static final FileDisk ONE = SimulatedSite.disk("one");
  private static final FileDisk TWO = SimulatedSite.disk("two");

  private static final String NODE = "libvirt-1-storage";
  private static final String LEASE = Snapshot.NOTES + "ask:0:another";

  /** What a request waits for. */
  enum Kind {
    GUEST,
    BOOTING_GUEST,
    PAUSED_GUEST,
    EARLIER_UNPLUG,
    DEVICE_GHOST,
    NODE_GHOST,
    STORAGE,
    LEASE,
    ATTACH_AFTER_UNPLUG,
    ATTACH_AFTER_GHOST
  }

  private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  /** A storage that lists a client until it is told otherwise. */
  private static final class Probe implements StorageProbe {
    private boolean isOpen = true;

    @Override
    public boolean answersFor(DiskSource disk) {
      return true;
    }

    @Override
    public Finding beforeAttach(DiskSource disk, Duration budget) {
      return new Ready(OptionalLong.empty());
    }

    @Override
    public Finding afterAttach(DiskSource disk, Duration budget) {
      return new Ready(OptionalLong.empty());
    }

    @Override
    public boolean answersFor(VolumeRef volume) {
      return true;
    }

    @Override
    public Finding afterDetach(VolumeRef volume, Duration budget) {
      return isOpen
          ? new Refused(Reason.IN_USE, "client.7 has it open")
          : new Ready(OptionalLong.empty());
    }

    @Override
    public void close() {}
  }

  /** A request that waits, on a host of its own. */
  private static final class Waiting {
    private final Kind kind;
    private final SimulatedSite site = new SimulatedSite();
    private final SteppedTime time = site.time;
    private final SimulatedHost host = site.host;
    private final SimulatedDomain domain = host.definePc("pc").start();
    private final Probe probe = new Probe();

    /** When each call of the request began, by kind. */
    private final Map<Call, List<Long>> calls = new TreeMap<>();

    private boolean leaseIsOver;
    private long begun;
    private long over;

    Waiting(Kind kind) {
      this.kind = kind;
    }

    /**
     * Runs the request.
     *
     * @param release when there is nothing to wait for any more; never if it is after the deadline
     */
    Outcome run(Duration deadline, Duration release) {
      try (Executor process = kind == Kind.STORAGE ? withProbe() : site.process()) {
        RequestHandle<? extends Outcome> request = begin(process, deadline);
        begun = time.nanoTime();
        if (release.compareTo(deadline) < 0) {
          time.at(Duration.ofNanos(begun).plus(release), this::release);
        }
        Outcome outcome = request.await();
        over = time.nanoTime();
        return outcome;
      }
    }

    private void release() {
      switch (kind) {
        case GUEST, DEVICE_GHOST, ATTACH_AFTER_UNPLUG, ATTACH_AFTER_GHOST -> domain.answerUnplugs();
        case BOOTING_GUEST, EARLIER_UNPLUG -> domain.guest(GuestBehaviour.RELEASES);
        case PAUSED_GUEST -> domain.resume();
        case NODE_GHOST -> domain.export(NODE, false);
        case STORAGE -> probe.isOpen = false;
        case LEASE -> {
          leaseIsOver = true;
          domain.note(LEASE, null, EnumSet.of(View.LIVE));
        }
      }
    }

    /** After how long the request has done what it waited to do. */
    Duration noticed(Duration release) {
      long released = begun + release.toNanos();
      Call next =
          switch (kind) {
            case GUEST, BOOTING_GUEST, PAUSED_GUEST -> Call.ASK_QEMU;
            case EARLIER_UNPLUG, LEASE -> Call.DETACH;
            case DEVICE_GHOST, ATTACH_AFTER_GHOST -> Call.CHANGE_QEMU;
            case ATTACH_AFTER_UNPLUG -> Call.ATTACH;
            // Answered by the look that notices it.
            case NODE_GHOST, STORAGE -> Call.LOOKUP;
          };
      return Duration.ofNanos(
          of(next).stream().filter(at -> at >= released).findFirst().orElse(over) - released);
    }

    List<Long> of(Call call) {
      return calls.getOrDefault(call, List.of());
    }

    /** How often calls were made in each minute after the first ten seconds. */
    List<Long> minutes(Collection<Long> times) {
      return Stream.iterate(begun + 10 * SECOND, from -> from + 60 * SECOND)
          .limit(4)
          .map(from -> times.stream().filter(at -> at >= from && at < from + 60 * SECOND).count())
          .toList();
    }

    List<Long> all() {
      return calls.values().stream().flatMap(List::stream).toList();
    }

    private Executor withProbe() {
      return new Executor(
          host.connect("process"),
          ExampleKind.FAULTS,
          ExampleKind.ALL,
          Requests.rules(Proof.STORAGE),
          new StorageProbes(List.of(probe), time::execute),
          time,
          new Random(1),
          ListenerDispatcher.none());
    }

    /** A daemon dies in the middle of an attach of the disk. */
    private void ghost() {
      try (HypervisorPort tool = host.connect("another tool")) {
        host.onceAt(Call.ATTACH, Moment.DEVICE_PLUGGED, host::crashDaemon);
        assertThatThrownBy(
                () ->
                    tool.lookup(domain.ref())
                        .attachDevice(placed(ONE, "vda", 9), EnumSet.allOf(View.class)))
            .isInstanceOf(FaultException.class);
      }
    }

    private void raiseAgainAndAgain(Duration longest) {
      AtomicInteger serial = new AtomicInteger();
      Runnable raise =
          () -> {
            if (!leaseIsOver) {
              String note = "<ask start='1' serial='%d'/>".formatted(serial.incrementAndGet());
              domain.note(LEASE, note, EnumSet.of(View.LIVE));
            }
          };
      raise.run();
      for (long at = 3; at < longest.toSeconds(); at += 3) {
        time.at(Duration.ofNanos(time.nanoTime()).plusSeconds(at), raise);
      }
    }

    /** A request that waits for that. */
    private RequestHandle<? extends Outcome> begin(Executor process, Duration deadline) {
      switch (kind) {
        case DEVICE_GHOST, ATTACH_AFTER_GHOST -> {
          domain.guest(GuestBehaviour.RELEASES_LATE);
          ghost();
        }
        case NODE_GHOST -> {
          ghost();
          domain.export(NODE, true);
        }
        default -> SimulatedSite.attach(process, domain, ONE);
      }
      switch (kind) {
        case GUEST, ATTACH_AFTER_UNPLUG -> domain.guest(GuestBehaviour.RELEASES_LATE);
        case BOOTING_GUEST -> domain.guest(GuestBehaviour.FORGETS);
        case PAUSED_GUEST -> domain.suspend();
        case EARLIER_UNPLUG -> {
          SimulatedSite.attach(process, domain, TWO);
          domain.guest(GuestBehaviour.RELEASES_LATE);
        }
        case LEASE -> raiseAgainAndAgain(deadline);
        default -> {}
      }
      switch (kind) {
        case ATTACH_AFTER_UNPLUG ->
            process.detach(domain.ref(), ONE.volume(), Duration.ofSeconds(2)).await();
        case EARLIER_UNPLUG ->
            process.detach(domain.ref(), TWO.volume(), Duration.ofSeconds(2)).await();
        default -> {}
      }
      host.observe(
          point -> {
            if (point.moment() == Moment.BEFORE && point.client().equals("process")) {
              calls.computeIfAbsent(point.call(), call -> new ArrayList<>()).add(time.nanoTime());
            }
          });
      return switch (kind) {
        case ATTACH_AFTER_UNPLUG, ATTACH_AFTER_GHOST -> process.attach(domain.ref(), ONE, deadline);
        default -> process.detach(domain.ref(), ONE.volume(), deadline);
      };
    }
  }

  /**
   * The most readings of the domain in a minute, and the most calls. One that has waited for
   * another disk asks the guest after half a minute, and begins a wait of its own.
   */
  @ParameterizedTest
  @CsvSource({
    "GUEST, 60, 80",
    "BOOTING_GUEST, 60, 80",
    "PAUSED_GUEST, 60, 80",
    "EARLIER_UNPLUG, 130, 200",
    "DEVICE_GHOST, 60, 200",
    "NODE_GHOST, 60, 200",
    "STORAGE, 60, 100",
    "LEASE, 60, 100",
    "ATTACH_AFTER_UNPLUG, 60, 80",
    "ATTACH_AFTER_GHOST, 60, 200"
  })
  void aLongWaitReadsTheDomainSeldom(Kind kind, long readings, long calls) {
    Waiting waiting = new Waiting(kind);

    Outcome outcome = waiting.run(FIVE_MINUTES, FIVE_MINUTES);

    assertThat(outcome).isInstanceOfAny(Pending.class, Unavailable.class, Indeterminate.class);
    assertThat(waiting.minutes(waiting.of(Call.READ_XML)))
        .allSatisfy(each -> assertThat(each).isBetween(20L, readings));
    assertThat(waiting.minutes(waiting.all()))
        .allSatisfy(each -> assertThat(each).isLessThanOrEqualTo(calls));
  }

  /** A guest that has forgotten the request releases nothing, and is not among these. */
  @ParameterizedTest
  @EnumSource(value = Kind.class, mode = EnumSource.Mode.EXCLUDE, names = "BOOTING_GUEST")
  void aReleaseWithoutAnEventIsNoticedWithinFiveSeconds(Kind kind) {
    for (Duration release : releases()) {
      Waiting waiting = new Waiting(kind);
      waiting.host.deliverEvents(EventDelivery.LOST);

      Outcome outcome = waiting.run(Duration.ofMinutes(1), release);

      assertThat(outcome.kind()).as("%s", outcome).isEqualTo(Outcome.Kind.DONE);
      assertThat(waiting.noticed(release)).as("at %s", release).isLessThan(Duration.ofSeconds(5));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"GUEST", "PAUSED_GUEST", "EARLIER_UNPLUG", "ATTACH_AFTER_UNPLUG"})
  void aReleaseIsNoticedAtOnceByItsEvent(Kind kind) {
    for (Duration release : releases()) {
      Waiting waiting = new Waiting(kind);

      Outcome outcome = waiting.run(Duration.ofMinutes(1), release);

      assertThat(outcome.kind()).as("%s", outcome).isEqualTo(Outcome.Kind.DONE);
      assertThat(waiting.noticed(release)).as("at %s", release).isLessThan(Duration.ofMillis(100));
    }
  }

  /** In the first ten seconds, and after them, at times that fall differently between two looks. */
  private static List<Duration> releases() {
    return IntStream.range(0, 30).mapToObj(i -> Duration.ofMillis(3000 + 677L * i)).toList();
  }

  /** After half a minute the other disk is in the way no longer. */
  @Test
  void whatIsDueIsNotSleptThrough() {
    Waiting waiting = new Waiting(Kind.EARLIER_UNPLUG);

    waiting.run(Duration.ofMinutes(1), FIVE_MINUTES);

    // The other one was asked for two seconds before, and a few calls.
    assertThat(Duration.ofNanos(waiting.of(Call.DETACH).get(0) - waiting.begun))
        .isBetween(Duration.ofMillis(27_500), Duration.ofMillis(28_500));
  }

  /** A guest that boots is asked again after ten seconds for the device of a ghost. */
  @Test
  void aGhostIsAskedForAgainInTime() {
    Waiting waiting = new Waiting(Kind.DEVICE_GHOST);

    waiting.run(FIVE_MINUTES, FIVE_MINUTES);

    List<Long> asked = waiting.of(Call.CHANGE_QEMU);
    assertThat(asked).hasSizeGreaterThanOrEqualTo(27);
    assertThat(
            IntStream.range(1, asked.size())
                .mapToObj(i -> Duration.ofNanos(asked.get(i) - asked.get(i - 1))))
        .allSatisfy(
            gap -> assertThat(gap).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(11)));
  }

  /** The answer at the deadline says what was seen last. */
  @ParameterizedTest
  @EnumSource(Kind.class)
  void theDomainIsReadJustBeforeTheDeadline(Kind kind) {
    for (int seconds = 31; seconds < 41; seconds++) {
      Waiting waiting = new Waiting(kind);

      waiting.run(Duration.ofSeconds(seconds), FIVE_MINUTES);

      List<Long> readings = waiting.of(Call.READ_XML);
      assertThat(Duration.ofNanos(waiting.over - readings.get(readings.size() - 1)))
          .isLessThan(Duration.ofMillis(1500));
    }
  }
}
