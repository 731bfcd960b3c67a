// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.expect;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.kind.ExampleKind;
import io.diskplug.internal.observe.ListenerDispatcher;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.request.ReleaseRules;
import io.diskplug.internal.storage.StorageProbes;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.ChangeOutcome;
import io.diskplug.outcome.Changed;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.sim.Moment;
import io.diskplug.sim.SimulatedDomain;
import io.diskplug.sim.SimulatedHost;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.StorageProbe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a storage says of a volume's size before QEMU is told one. */
class GrowProbeTest {

  private static final FileDisk DISK = SimulatedSite.disk("one");
  private static final String FILE = "/srv/one";
  private static final long SIZE = 1 << 20;

  private final SimulatedSite site = new SimulatedSite();
  private final SimulatedHost host = site.host;
  private final SimulatedDomain domain = host.definePc("pc").start();
  private final Probe probe = new Probe();
  private final List<Runnable> unanswered = new ArrayList<>();
  private boolean silent;
  private final Executor executor =
      new Executor(
          host.connect("process"),
          ExampleKind.FAULTS,
          ExampleKind.ALL,
          ReleaseRules.USUAL,
          new StorageProbes(List.of(probe), this::answer),
          site.time,
          new Random(1),
          ListenerDispatcher.none());

  private void answer(Runnable question) {
    if (silent) {
      unanswered.add(question);
    } else {
      site.time.execute(question);
    }
  }

  @BeforeEach
  void attach() {
    host.resizeVolume(FILE, SIZE);
    SimulatedSite.attach(executor, domain, DISK);
  }

  @AfterEach
  void close() {
    executor.close();
  }

  /** Knows a size. */
  private static final class Probe implements StorageProbe {
    final List<Finding> findings = new ArrayList<>();
    Finding last = new Ready(OptionalLong.of(SIZE));
    Runnable meanwhile = () -> {};
    int asked;

    @Override
    public boolean answersFor(DiskSource disk) {
      return false;
    }

    @Override
    public Finding beforeAttach(DiskSource disk, Duration budget) {
      throw new AssertionError("it does not answer for disks");
    }

    @Override
    public Finding afterAttach(DiskSource disk, Duration budget) {
      throw new AssertionError("it does not answer for disks");
    }

    @Override
    public boolean answersFor(VolumeRef volume) {
      return volume.equals(DISK.volume());
    }

    @Override
    public Finding sizeOf(VolumeRef volume, Duration budget) {
      asked++;
      meanwhile.run();
      meanwhile = () -> {};
      return findings.isEmpty() ? last : findings.remove(0);
    }

    @Override
    public void close() {}
  }

  private ChangeOutcome grow(long bytes) {
    return executor.grow(domain.ref(), DISK.volume(), bytes, DEADLINE).await();
  }

  private long sizeSeen() throws FaultException {
    String target = domain.disks(View.LIVE).get(0).targetDev();
    return host.connect("another").lookup(domain.ref()).size(target).guestBytes();
  }

  @Test
  void aSizeThatTheStorageHasIsShown() throws FaultException {
    probe.last = new StorageProbe.Ready(OptionalLong.of(2 * SIZE));

    expect(Changed.class, grow(2 * SIZE));

    assertThat(sizeSeen()).isEqualTo(2 * SIZE);
    assertThat(probe.asked).isEqualTo(1);
    assertThat(expect(Changed.class, grow(2 * SIZE)).changed()).isFalse();
  }

  @Test
  void aVolumeThatTheStorageHasMadeLargerIsNotCutOff() throws FaultException {
    probe.last = new StorageProbe.Ready(OptionalLong.of(4 * SIZE));

    Rejected outcome = expect(Rejected.class, grow(2 * SIZE));

    assertThat(outcome.reason()).isEqualTo(Rejected.Reason.BAD_REQUEST);
    assertThat(outcome.explanation()).contains("" + 4 * SIZE, "" + 2 * SIZE);
    assertThat(sizeSeen()).isEqualTo(SIZE);
  }

  /** QEMU would, and a number that is too large by mistake could not be taken back. */
  @Test
  void aVolumeIsNotMadeLargerThanTheStorageHasMadeIt() throws FaultException {
    probe.last = new StorageProbe.Ready(OptionalLong.of(2 * SIZE));

    Rejected outcome = expect(Rejected.class, grow(4 * SIZE));

    assertThat(outcome.reason()).isEqualTo(Rejected.Reason.BAD_REQUEST);
    assertThat(outcome.explanation()).contains("" + 2 * SIZE, "" + 4 * SIZE, "storage first");
    assertThat(sizeSeen()).isEqualTo(SIZE);
  }

  @Test
  void aStorageThatCannotTellIsNotWaitedFor() throws FaultException {
    probe.last = new StorageProbe.Ready(OptionalLong.empty());

    expect(Changed.class, grow(2 * SIZE));

    assertThat(sizeSeen()).isEqualTo(2 * SIZE);
  }

  @Test
  void aStorageThatSaysNothingLetsNobodyAskQemu() {
    silent = true;
    List<Call> calls = new ArrayList<>();
    host.observe(point -> calls.add(point.call()));

    Unavailable outcome = expect(Unavailable.class, grow(2 * SIZE));

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.STORAGE_UNREACHABLE);
    assertThat(unanswered).hasSize(1);
    assertThat(calls).doesNotContain(Call.READ_SIZE, Call.RESIZE);
  }

  @Test
  void aStorageThatCannotBeReachedKeepsTheDomainAsItIs() throws FaultException {
    probe.last = new StorageProbe.Refused(StorageProbe.Reason.UNREACHABLE, "no answer");

    Unavailable outcome = expect(Unavailable.class, grow(2 * SIZE));

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.STORAGE_UNREACHABLE);
    assertThat(outcome.explanation()).isEqualTo("no answer");
    assertThat(sizeSeen()).isEqualTo(SIZE);
  }

  @ParameterizedTest
  @CsvSource({
    "NOT_FOUND, VOLUME_NOT_FOUND",
    "ACCESS_DENIED, ACCESS_DENIED",
    "UNSUPPORTED, BAD_REQUEST",
    "CANNOT_ASK, CANNOT_ASK_STORAGE"
  })
  void whatCannotBeKnownIsRejected(StorageProbe.Reason reason, Rejected.Reason expected)
      throws FaultException {
    probe.last = new StorageProbe.Refused(reason, "the storage says so");

    assertThat(expect(Rejected.class, grow(2 * SIZE)).reason()).isEqualTo(expected);
    assertThat(sizeSeen()).isEqualTo(SIZE);
  }

  /** Another request has the lane, or libvirt's job, for as long as it likes. */
  @ParameterizedTest
  @EnumSource(
      value = Call.class,
      names = {"READ_SIZE", "READ_XML"})
  void anOldAnswerIsNone(Call slow) throws FaultException {
    probe.last = new StorageProbe.Ready(OptionalLong.of(2 * SIZE));
    probe.meanwhile =
        () ->
            host.onceAt(
                slow,
                Moment.BEFORE,
                () -> {
                  site.time.pass(Duration.ofSeconds(2));
                  probe.last = new StorageProbe.Ready(OptionalLong.of(4 * SIZE));
                });

    expect(Rejected.class, grow(2 * SIZE));

    assertThat(probe.asked).isEqualTo(2);
    assertThat(sizeSeen()).isEqualTo(SIZE);
  }

  @ParameterizedTest
  @EnumSource(StorageProbe.Reason.class)
  void afterALostAnswerWhatQemuShowsCounts(StorageProbe.Reason reason) throws FaultException {
    probe.findings.add(new StorageProbe.Ready(OptionalLong.of(2 * SIZE)));
    probe.last = new StorageProbe.Refused(reason, "the storage says so");
    host.failNext(Call.RESIZE, Moment.AFTER, 38, "Cannot recv data: Connection reset by peer");

    expect(Changed.class, grow(2 * SIZE));

    assertThat(sizeSeen()).isEqualTo(2 * SIZE);
  }

  @ParameterizedTest
  @EnumSource(StorageProbe.Reason.class)
  void afterALostRequestNothingIsKnownUntilTheStorageAnswers(StorageProbe.Reason reason) {
    probe.findings.add(new StorageProbe.Ready(OptionalLong.of(2 * SIZE)));
    probe.last = new StorageProbe.Refused(reason, "the storage says so");
    host.failNext(Call.RESIZE, Moment.BEFORE, 38, "Cannot recv data: Connection reset by peer");

    expect(Indeterminate.class, grow(2 * SIZE));
  }

  /** libvirt knows a disk by its target dev alone. */
  @Test
  void anotherDiskThatHasComeToTheTargetIsLeftAlone() throws FaultException {
    probe.last = new StorageProbe.Ready(OptionalLong.of(2 * SIZE));
    FileDisk other = SimulatedSite.disk("other");
    host.resizeVolume("/srv/other", 8 * SIZE);
    host.onceAt(Call.READ_SIZE, Moment.AFTER, () -> swap(other));

    Rejected outcome = expect(Rejected.class, grow(2 * SIZE));

    assertThat(outcome.reason()).isEqualTo(Rejected.Reason.NOT_ATTACHED);
    assertThat(outcome.explanation()).doesNotContain("another disk");
    assertThat(sizeSeen()).isEqualTo(8 * SIZE);
  }

  /** This late nothing can be done about it but to say so. */
  @Test
  void anotherDiskThatComesToTheTargetInTheCallIsTold() {
    probe.last = new StorageProbe.Ready(OptionalLong.of(2 * SIZE));
    host.onceAt(Call.RESIZE, Moment.BEFORE, () -> swap(SimulatedSite.disk("other")));

    Rejected outcome = expect(Rejected.class, grow(2 * SIZE));

    assertThat(outcome.explanation()).contains("another disk");
  }

  private void swap(FileDisk other) {
    String alias = DISK.volume().identity().alias();
    try (HypervisorPort operator = host.connect("operator")) {
      DomainHandle handle = operator.lookup(domain.ref());
      handle.detachDeviceByAlias(alias, EnumSet.allOf(View.class));
      domain.answerUnplugs();
      handle.attachDevice(Requests.placed(other, "vda", 9), EnumSet.allOf(View.class));
    } catch (FaultException e) {
      throw new AssertionError(e);
    }
  }

  /** It may have grown while libvirt failed. */
  @Test
  void eachAttemptAsksAnew() throws FaultException {
    probe.findings.add(new StorageProbe.Ready(OptionalLong.of(2 * SIZE)));
    probe.last = new StorageProbe.Ready(OptionalLong.of(4 * SIZE));
    host.failNext(
        Call.RESIZE,
        Moment.BEFORE,
        68,
        "Timed out during operation: cannot acquire state change lock");

    expect(Rejected.class, grow(2 * SIZE));

    assertThat(probe.asked).isEqualTo(2);
    assertThat(sizeSeen()).isEqualTo(SIZE);
  }
}
