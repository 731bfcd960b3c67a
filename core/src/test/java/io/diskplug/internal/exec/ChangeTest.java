// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.expect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.disk.IoLimit;
import io.diskplug.disk.IoTune;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.ChangeOutcome;
import io.diskplug.outcome.Changed;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.sim.Moment;
import io.diskplug.sim.SimulatedDomain;
import io.diskplug.sim.SimulatedHost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits and size of a disk that is attached. */
class ChangeTest {

  private static final FileDisk DISK = SimulatedSite.disk("one");
  private static final String FILE = "/srv/one";
  private static final IoTune SLOW = IoTune.total(1_000_000, 50);
  private static final Map<String, String> SLOW_SHOWN =
      Map.of("total_bytes_sec", "1000000", "total_iops_sec", "50");
  private static final long SIZE = 1 << 20;

  private final SimulatedSite site = new SimulatedSite();
  private final SimulatedHost host = site.host;
  private final SimulatedDomain domain = host.definePc("pc").start();
  private final Executor executor = site.process();
  private final List<Call> calls = new ArrayList<>();

  @BeforeEach
  void attach() {
    host.resizeVolume(FILE, SIZE);
    SimulatedSite.attach(executor, domain, DISK);
    host.observe(
        point -> {
          if (point.moment() == Moment.BEFORE) {
            calls.add(point.call());
          }
        });
  }

  @AfterEach
  void close() {
    executor.close();
  }

  private ChangeOutcome limit(IoTune limits) {
    return executor.limit(domain.ref(), DISK.volume(), limits, DEADLINE).await();
  }

  private ChangeOutcome grow(long bytes) {
    return executor.grow(domain.ref(), DISK.volume(), bytes, DEADLINE).await();
  }

  private Map<String, String> shown(View view) {
    return disk(view).ioTune();
  }

  private Disk disk(View view) {
    return domain.disks(view).get(0);
  }

  private DomainHandle another() throws FaultException {
    return host.connect("another").lookup(domain.ref());
  }

  private long sizeSeen() throws FaultException {
    return another().size(disk(View.LIVE).targetDev()).guestBytes();
  }

  private long times(Call call) {
    return calls.stream().filter(call::equals).count();
  }

  @Test
  void limitsAreSetInBothViewsByOneCall() {
    Changed outcome = expect(Changed.class, limit(SLOW));

    assertThat(outcome.changed()).isTrue();
    assertThat(outcome.targetDev()).isEqualTo("vda");
    assertThat(shown(View.LIVE)).isEqualTo(SLOW_SHOWN);
    assertThat(shown(View.PERSISTENT)).isEqualTo(SLOW_SHOWN);
    assertThat(times(Call.SET_LIMITS)).isEqualTo(1);
    assertThat(outcome.observed().live().orElseThrow().ioTune()).isEqualTo(SLOW_SHOWN);
  }

  @Test
  void limitsThatAreNotAskedForAreLifted() {
    expect(Changed.class, limit(SLOW));

    expect(Changed.class, limit(IoTune.total(0, 70)));
    assertThat(shown(View.LIVE)).isEqualTo(Map.of("total_iops_sec", "70"));

    expect(Changed.class, limit(IoTune.UNLIMITED));
    assertThat(shown(View.LIVE)).isEmpty();
    assertThat(shown(View.PERSISTENT)).isEmpty();
  }

  @Test
  void aDiskLeavesItsGroupAndKeepsLimits() {
    expect(Changed.class, limit(SLOW.withGroupName("tenant")));
    assertThat(shown(View.LIVE)).containsEntry("group_name", "tenant");

    expect(Changed.class, limit(SLOW));

    assertThat(shown(View.LIVE)).isEqualTo(SLOW_SHOWN);
    assertThat(shown(View.PERSISTENT)).isEqualTo(SLOW_SHOWN);
  }

  /** With other limits it would stay, and the group's other disks would have them. */
  @ParameterizedTest
  @EnumSource(names = {"BEFORE", "AFTER"})
  void aDiskThatCouldNotLeaveItsGroupTakesNoLimitsToIt(Moment moment) {
    FileDisk other = SimulatedSite.disk("two");
    SimulatedSite.attach(executor, domain, other);
    IoTune shared = SLOW.withGroupName("tenant");
    expect(Changed.class, limit(shared));
    expect(Changed.class, executor.limit(domain.ref(), other.volume(), shared, DEADLINE).await());
    Map<String, String> before = domain.disks(View.LIVE).get(1).ioTune();
    host.failNext(Call.SET_LIMITS, moment, 38, "Cannot recv data: Connection reset by peer");

    expect(Changed.class, limit(IoTune.total(0, 7)));

    assertThat(shown(View.LIVE)).isEqualTo(Map.of("total_iops_sec", "7"));
    assertThat(domain.disks(View.LIVE).get(1).ioTune()).isEqualTo(before);
    assertThat(domain.disks(View.PERSISTENT).get(1).ioTune()).isEqualTo(before);
  }

  @Test
  void aDiskThatIsPutBackIntoItsGroupIsAConflict() {
    expect(Changed.class, limit(SLOW.withGroupName("tenant")));
    host.onceAt(
        Call.SET_LIMITS,
        Moment.AFTER,
        () -> {
          try {
            another().setLimits("vda", SLOW.withGroupName("tenant"), Set.of(View.LIVE));
          } catch (FaultException e) {
            throw new AssertionError(e);
          }
        });

    Rejected outcome = expect(Rejected.class, limit(SLOW));

    assertThat(outcome.reason()).isEqualTo(Rejected.Reason.CONFLICT);
    assertThat(outcome.explanation()).contains("LIVE", "group_name=tenant");
    // Into the group, out of it, and back into it by the other one.
    assertThat(times(Call.SET_LIMITS)).isEqualTo(3);
  }

  @Test
  void aLengthThatLibvirtLeavesBehindIsNoOtherLimit() {
    IoLimit bytes = IoLimit.of(1_000_000);
    IoTune bursts =
        IoTune.UNLIMITED.withTotalBytes(bytes.withBurst(2_000_000, Duration.ofSeconds(5)));
    IoTune plain = IoTune.UNLIMITED.withTotalBytes(bytes);
    expect(Changed.class, limit(bursts));

    assertThat(expect(Changed.class, limit(plain)).changed()).isTrue();

    assertThat(shown(View.LIVE)).containsEntry("total_bytes_sec_max_length", "1");
    assertThat(expect(Changed.class, limit(plain)).changed()).isFalse();
    assertThat(expect(Changed.class, limit(bursts)).changed()).isTrue();
    assertThat(shown(View.PERSISTENT)).containsEntry("total_bytes_sec_max_length", "5");
  }

  @Test
  void theSameLimitsAgainChangeNothingInTheLiveView() {
    expect(Changed.class, limit(SLOW));
    calls.clear();

    Changed again = expect(Changed.class, limit(SLOW));

    assertThat(again.changed()).isFalse();
    // The persistent view could show what was never saved.
    assertThat(times(Call.SET_LIMITS)).isEqualTo(1);
  }

  @Test
  void limitsThatCouldNotBeSavedAreNotCalledSet() {
    domain.failSaves(true);

    ChangeOutcome failed = limit(SLOW);
    assertThat(shown(View.PERSISTENT)).isEqualTo(SLOW_SHOWN);
    assertThat(failed).isNotInstanceOf(Changed.class);

    ChangeOutcome repeated = limit(SLOW);
    assertThat(repeated).isNotInstanceOf(Changed.class);

    domain.failSaves(false);
    expect(Changed.class, limit(SLOW));
  }

  @Test
  void aDiskThatTheTwoViewsNameDifferentlyIsLimitedInEach() throws FaultException {
    String xml = another().xml(View.PERSISTENT);
    String element = DomainXmlReader.diskXml(xml, "vda").orElseThrow();
    another().detachDevice(element, Set.of(View.PERSISTENT));
    another()
        .attachDevice(
            element.replace("'vda'", "'vdk'").replace("\"vda\"", "\"vdk\""),
            Set.of(View.PERSISTENT));
    calls.clear();

    expect(Changed.class, limit(SLOW.withGroupName("tenant")));
    expect(Changed.class, limit(SLOW));

    assertThat(shown(View.LIVE)).isEqualTo(SLOW_SHOWN);
    assertThat(shown(View.PERSISTENT)).isEqualTo(SLOW_SHOWN);
  }

  @Test
  void aShutOffDomainHasItsPersistentViewLimited() {
    domain.destroy();

    expect(Changed.class, limit(SLOW));

    assertThat(shown(View.PERSISTENT)).isEqualTo(SLOW_SHOWN);
  }

  @Test
  void aTransientDomainHasItsLiveViewLimited() {
    domain.undefine();

    expect(Changed.class, limit(SLOW));

    assertThat(shown(View.LIVE)).isEqualTo(SLOW_SHOWN);
  }

  @ParameterizedTest
  @EnumSource(names = {"BEFORE", "AFTER"})
  void aConnectionThatBreaksIsNoReasonToGiveUp(Moment moment) {
    host.failNext(Call.SET_LIMITS, moment, 38, "Cannot recv data: Connection reset by peer");

    Changed outcome = expect(Changed.class, limit(SLOW));

    assertThat(outcome.changed()).isTrue();
    assertThat(shown(View.LIVE)).isEqualTo(SLOW_SHOWN);
    assertThat(shown(View.PERSISTENT)).isEqualTo(SLOW_SHOWN);
  }

  @Test
  void whatQemuRefusesIsRejected() {
    host.failNext(
        Call.SET_LIMITS,
        Moment.BEFORE,
        1,
        "internal error: unable to execute QEMU command 'block_set_io_throttle': no");

    Rejected outcome = expect(Rejected.class, limit(SLOW));

    assertThat(outcome.reason()).isEqualTo(Rejected.Reason.BAD_REQUEST);
    assertThat(outcome.explanation()).contains("block_set_io_throttle");
  }

  @Test
  void limitsThatAnotherOneSetsMeanwhileAreAConflict() {
    host.onceAt(
        Call.SET_LIMITS,
        Moment.AFTER,
        () -> {
          try {
            another().setLimits("vda", IoTune.total(0, 3), Set.of(View.LIVE));
          } catch (FaultException e) {
            throw new AssertionError(e);
          }
        });

    Rejected outcome = expect(Rejected.class, limit(SLOW));

    assertThat(outcome.reason()).isEqualTo(Rejected.Reason.CONFLICT);
    assertThat(outcome.explanation()).contains("LIVE").contains("total_iops_sec=3");
  }

  @Test
  void aBusyDomainIsAskedAgain() {
    host.failNext(Call.SET_LIMITS, Moment.BEFORE, 68, "cannot acquire state change lock");

    expect(Changed.class, limit(SLOW));

    assertThat(shown(View.LIVE)).isEqualTo(SLOW_SHOWN);
    assertThat(shown(View.PERSISTENT)).isEqualTo(SLOW_SHOWN);
  }

  @Test
  void theGuestSeesAVolumeThatHasGrown() throws FaultException {
    host.resizeVolume(FILE, 2 * SIZE);
    assertThat(sizeSeen()).isEqualTo(SIZE);

    Changed outcome = expect(Changed.class, grow(2 * SIZE));

    assertThat(outcome.changed()).isTrue();
    assertThat(sizeSeen()).isEqualTo(2 * SIZE);
    calls.clear();
    assertThat(expect(Changed.class, grow(2 * SIZE)).changed()).isFalse();
    assertThat(times(Call.RESIZE)).isZero();
  }

  @Test
  void aDiskIsNotCutOff() throws FaultException {
    Rejected smaller = expect(Rejected.class, grow(SIZE / 2));
    assertThat(smaller.reason()).isEqualTo(Rejected.Reason.BAD_REQUEST);
    assertThat(smaller.explanation()).contains("" + SIZE).contains("" + SIZE / 2);

    // An old request that comes late: the file has grown further already.
    host.resizeVolume(FILE, 4 * SIZE);
    expect(Rejected.class, grow(2 * SIZE));

    assertThat(times(Call.RESIZE)).isZero();
    assertThat(another().size("vda").storageBytes()).isEqualTo(4 * SIZE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(</disk>) | <encryption format='luks' engine='librbd'/>$1",
        "(</disk>) | <encryption format='luks'/>$1",
        "(<source [^>]*)/> | $1><encryption format='luks' engine='qemu'/></source>",
        "(<source [^>]*)/> | $1><encryption format='luks'><secret type='passphrase'"
            + " uuid='6ed4cf1c-0f2c-4a5c-b9a2-0b6b9c5a6f10'/></encryption></source>"
      })
  void whatIsEncryptedIsNotGrown(String change) throws FaultException {
    SimulatedSite.detach(executor, domain, DISK);
    String[] words = change.split(" \\| ", 2);
    String plain = Requests.placed(DISK, "vda", 9);
    String element = plain.replaceFirst(words[0], words[1]);
    assertThat(element).isNotEqualTo(plain);
    another().attachDevice(element, Set.of(View.LIVE, View.PERSISTENT));

    Rejected outcome = expect(Rejected.class, grow(2 * SIZE));

    assertThat(outcome.reason()).isEqualTo(Rejected.Reason.BAD_REQUEST);
    assertThat(outcome.explanation()).contains("encrypted");
    assertThat(times(Call.RESIZE)).isZero();
  }

  /** An image of another format is larger than the disk in it, or smaller. */
  @Test
  void theSizeOfAFileSaysNothingWhereItIsNotRaw() throws FaultException {
    String element = DomainXmlReader.diskXml(another().xml(View.PERSISTENT), "vda").orElseThrow();
    SimulatedSite.detach(executor, domain, DISK);
    String qcow2 = element.replaceFirst("type=(['\"])raw\\1", "type='qcow2'");
    assertThat(qcow2).isNotEqualTo(element);
    another().attachDevice(qcow2, Set.of(View.LIVE, View.PERSISTENT));
    host.resizeVolume(FILE, 4 * SIZE);

    expect(Changed.class, grow(2 * SIZE));

    assertThat(sizeSeen()).isEqualTo(2 * SIZE);
  }

  @Test
  void aMonitorThatIsOccupiedIsNotGivenMoreToDo() {
    ScriptedDomain wedged = new ScriptedDomain();
    wedged.put(Requests.placed(Requests.DISK, "vdc", 7), View.values());
    wedged.occupiedFor = Duration.ofSeconds(2);
    try (Executor process = Requests.executor(site.time, wedged)) {
      List<ChangeOutcome> outcomes =
          List.of(
              process.limit(wedged.ref(), Requests.VOLUME, SLOW, DEADLINE).await(),
              process.grow(wedged.ref(), Requests.VOLUME, SIZE, DEADLINE).await());

      // Asked for more, this domain would have refused.
      assertThat(outcomes)
          .allSatisfy(
              outcome ->
                  assertThat(expect(Unavailable.class, outcome).reason())
                      .isEqualTo(Unavailable.Reason.DOMAIN_BUSY));
    }
  }

  @Test
  void aDomainThatDoesNotRunNeedsNoTelling() {
    domain.destroy();

    assertThat(expect(Changed.class, grow(2 * SIZE)).changed()).isFalse();
    assertThat(times(Call.RESIZE)).isZero();
  }

  @ParameterizedTest
  @EnumSource(names = {"BEFORE", "AFTER"})
  void aConnectionThatBreaksInAResizeIsNoReasonToGiveUp(Moment moment) throws FaultException {
    host.failNext(Call.RESIZE, moment, 38, "Cannot recv data: Connection reset by peer");

    expect(Changed.class, grow(2 * SIZE));

    assertThat(sizeSeen()).isEqualTo(2 * SIZE);
  }

  @Test
  void whatTheStorageCannotGrowIsRejected() {
    host.failNext(
        Call.RESIZE,
        Moment.BEFORE,
        1,
        "internal error: unable to execute QEMU command 'block_resize': Cannot grow iSCSI devices");

    Rejected outcome = expect(Rejected.class, grow(2 * SIZE));

    assertThat(outcome.reason()).isEqualTo(Rejected.Reason.BAD_REQUEST);
    assertThat(outcome.explanation()).contains("Cannot grow iSCSI devices");
  }

  @Test
  void aFileThatIsLockedForAResizeIsInUse() throws FaultException {
    for (int i = 0; i < 100; i++) {
      host.failNext(
          Call.RESIZE,
          Moment.BEFORE,
          1,
          "internal error: unable to execute QEMU command 'block_resize': Failed to get \"resize\""
              + " lock");
    }

    Unavailable outcome = expect(Unavailable.class, grow(2 * SIZE));

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.VOLUME_IN_USE);
    assertThat(sizeSeen()).isEqualTo(SIZE);
  }

  @Test
  void aResizeThatHadNoEffectIsNotCalledDone() {
    host.onceAt(Call.RESIZE, Moment.AFTER, () -> undoResize());

    Rejected outcome = expect(Rejected.class, grow(2 * SIZE));

    assertThat(outcome.reason()).isEqualTo(Rejected.Reason.CONFLICT);
  }

  private void undoResize() {
    try {
      another().resize("vda", SIZE);
    } catch (FaultException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aVolumeThatTheDomainDoesNotHaveCannotBeChanged() {
    FileDisk other = SimulatedSite.disk("two");

    Rejected limited =
        expect(
            Rejected.class, executor.limit(domain.ref(), other.volume(), SLOW, DEADLINE).await());
    Rejected grown =
        expect(Rejected.class, executor.grow(domain.ref(), other.volume(), SIZE, DEADLINE).await());

    assertThat(limited.reason()).isEqualTo(Rejected.Reason.NOT_ATTACHED);
    assertThat(grown.reason()).isEqualTo(Rejected.Reason.NOT_ATTACHED);
  }

  @Test
  void aDomainWithAManagedSaveImageIsLeftAlone() {
    domain.managedSave();

    assertThat(expect(Rejected.class, limit(SLOW)).reason())
        .isEqualTo(Rejected.Reason.MANAGED_SAVE);
  }

  @Test
  void anUnknownDomainIsNotFound() {
    ChangeOutcome outcome =
        executor.grow(DomainRef.name("nobody"), DISK.volume(), SIZE, DEADLINE).await();

    assertThat(expect(Rejected.class, outcome).reason())
        .isEqualTo(Rejected.Reason.DOMAIN_NOT_FOUND);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -512, 513, Long.MIN_VALUE})
  void aSizeIsAPositiveNumberOfSectors(long bytes) {
    assertThatThrownBy(() -> grow(bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("" + bytes);
  }
}
