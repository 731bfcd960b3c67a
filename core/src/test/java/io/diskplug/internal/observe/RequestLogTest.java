// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.observe;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.DISK;
import static io.diskplug.internal.exec.Requests.VOLUME;
import static io.diskplug.internal.exec.Requests.executor;
import static io.diskplug.internal.exec.Requests.expect;
import static io.diskplug.internal.exec.Requests.placed;
import static io.diskplug.internal.exec.Requests.strangers;
import static io.diskplug.internal.exec.ScriptedDomain.fails;
import static io.diskplug.internal.exec.ScriptedDomain.hangs;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.diskplug.disk.IoLimit;
import io.diskplug.disk.IoTune;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.Call;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.exec.Executor;
import io.diskplug.internal.exec.ScriptedDomain;
import io.diskplug.internal.exec.SimulatedSite;
import io.diskplug.internal.exec.SteppedTime;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Changed;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.MendPending;
import io.diskplug.outcome.Mended;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.PartlyInspected;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Planned;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Repair;
import io.diskplug.outcome.RepairPolicy;
import io.diskplug.outcome.Repaired;
import io.diskplug.outcome.Unavailable;
import io.diskplug.sim.SimulatedDomain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** Which lines a request writes, at which level. */
class RequestLogTest {

  private static final Path GUIDE = Path.of("../docs/guide.md");

  /** Says which outcome is a change that was verified; a new outcome has to be sorted in. */
  private static final Set<Class<?>> CHANGES =
      Set.of(Attached.class, Detached.class, Changed.class, Mended.class);

  private static final Set<Class<?>> NO_CHANGES =
      Set.of(
          AlreadyAttached.class,
          AlreadyDetached.class,
          Pending.class,
          Planned.class,
          Inspected.class,
          PartlyInspected.class,
          Repaired.class,
          MendPending.class,
          Rejected.class,
          Unavailable.class,
          Indeterminate.class);

  private final ScriptedDomain domain = new ScriptedDomain();
  private final SteppedTime time = new SteppedTime();
  private final Executor executor = executor(time, domain);
  private final RecordedLogs logs = RecordedLogs.from(Level.DEBUG);

  @AfterEach
  void close() {
    executor.close();
    logs.close();
  }

  /** The same in each run: numbers and the UUID are replaced, and the clock is stepped. */
  private List<String> texts(Level level) {
    return logs.texts(level).stream()
        .map(
            text ->
                text.replaceAll("(request=[a-z]+)-\\d+", "$1-17")
                    .replace(domain.name(), "vm-7")
                    .replace(domain.uuid().toString(), "8c7a8f0e-4f0b-4b36-9d0a-3f6f3c3e5d11"))
        .toList();
  }

  @Test
  void eachVerifiedChangeIsOneLine() {
    SimulatedSite site = new SimulatedSite();
    SimulatedDomain pc = site.host.definePc("pc").start();
    FileDisk disk = SimulatedSite.disk("one");
    VolumeRef volume = disk.volume();
    IoTune limits = IoTune.UNLIMITED.withTotalIops(IoLimit.of(500));
    site.host.resizeVolume("/srv/one", 4096);
    try (Executor process = site.process()) {
      SimulatedSite.attach(process, pc, disk);
      expect(Changed.class, process.limit(pc.ref(), volume, limits, DEADLINE).await());
      expect(Changed.class, process.limit(pc.ref(), volume, limits, DEADLINE).await());
      site.host.resizeVolume("/srv/one", 8192);
      expect(Changed.class, process.grow(pc.ref(), volume, 8192, DEADLINE).await());
      expect(Changed.class, process.grow(pc.ref(), volume, 8192, DEADLINE).await());
      SimulatedSite.detach(process, pc, disk);
      expect(AlreadyDetached.class, process.detach(pc.ref(), volume, DEADLINE).await());
    }

    String about = "-17 domain=_ volume=pvc-one target=vda address=0000:00:03.0 ";
    assertThat(texts(Level.INFO))
        .extracting(
            text -> text.replaceAll("took=\\d+ms", "took=_").replaceAll("domain=\\S+", "domain=_"))
        .containsExactly(
            "attached request=attach" + about + "views=LIVE,PERSISTENT took=_",
            "limits-set request=limit" + about + "views=LIVE,PERSISTENT took=_",
            "grown request=grow" + about + "views=LIVE,PERSISTENT took=_",
            "detached request=detach" + about + "proof=QEMU took=_");
    assertThat(logs.texts(Level.WARN)).isEmpty();
  }

  @Test
  void aDomainThatIsNamedIsToldWithItsUuid() {
    expect(Attached.class, executor.attach(DomainRef.name(domain.name()), DISK, DEADLINE).await());

    assertThat(texts(Level.INFO).get(0))
        .contains(" domain=vm-7 uuid=8c7a8f0e-4f0b-4b36-9d0a-3f6f3c3e5d11 ");
  }

  @Test
  void eachStepOfARepairIsOneLine() {
    domain.put(placed(DISK, "vda", 3), LIVE);
    domain.put(
        """
        <disk type='file' device='disk'>
          <source file='/srv/x.img'/>
          <target dev='vdx' bus='virtio'/>
          <address type='pci' domain='0x0000' bus='0x00' slot='0x9' function='0x0'/>
        </disk>
        """,
        PERSISTENT);
    Inspected found = expect(Inspected.class, executor.inspect(domain.ref(), DEADLINE).await());
    RepairPolicy policy =
        RepairPolicy.NOTHING
            .withOrphansAddedToPersistent()
            .with(
                Repair.remove(
                    PERSISTENT,
                    found.disks().stream()
                        .flatMap(disk -> disk.persistent().stream())
                        .findFirst()
                        .orElseThrow()));

    Repaired repaired =
        expect(Repaired.class, executor.repair(domain.ref(), policy, DEADLINE).await());

    assertThat(repaired.isComplete()).as("%s", repaired).isTrue();
    assertThat(texts(Level.INFO))
        .extracting(text -> text.replaceAll("took=\\d+ms", "took=_"))
        .containsExactly(
            "repaired request=repair-17 domain=8c7a8f0e-4f0b-4b36-9d0a-3f6f3c3e5d11 step=remove"
                + " view=PERSISTENT target=vdx address=0000:00:09.0 proof=QEMU took=_",
            "repaired request=repair-17 domain=8c7a8f0e-4f0b-4b36-9d0a-3f6f3c3e5d11 step=add"
                + " view=PERSISTENT target=vda address=0000:00:03.0 proof=XML took=_");
  }

  @Test
  void whatChangesNothingIsNoInfo() {
    domain.put(placed(DISK, "vda", 3), LIVE, PERSISTENT);

    expect(AlreadyAttached.class, executor.attach(domain.ref(), DISK, DEADLINE).await());
    expect(Planned.class, executor.plan(domain.ref(), List.of(), DEADLINE).await());

    assertThat(logs.lines()).extracting(RecordedLogs.Line::level).containsOnly(Level.DEBUG);
    assertThat(logs.texts(Level.DEBUG))
        .filteredOn(text -> text.startsWith("finished "))
        .hasSize(2)
        .anyMatch(text -> text.contains(" outcome=AlreadyAttached "));
  }

  @Test
  void whatWillNeverDoIsOneWarning() {
    expect(Rejected.class, executor.attach(DomainRef.name("no\nsuch"), DISK, DEADLINE).await());

    assertThat(logs.texts(Level.INFO)).isEmpty();
    assertThat(texts(Level.WARN)).hasSize(1);
    assertThat(texts(Level.WARN).get(0))
        .startsWith(
            "rejected request=attach-17 domain=\"no\\nsuch\" volume=pvc-22650282-34fe-4111"
                + " outcome=Rejected reason=DOMAIN_NOT_FOUND explanation=\"");
  }

  /** The third request in a row warns, the sixth, the twelfth, and none in between. */
  @Test
  void whatLastsWarnsEverMoreRarely() {
    domain.always(Call.ATTACH, fails(Call.ATTACH, 68, "cannot acquire state change lock"));
    for (int i = 0; i < 12; i++) {
      expect(Unavailable.class, executor.attach(domain.ref(), DISK, DEADLINE).await());
    }

    assertThat(texts(Level.WARN))
        .hasSize(3)
        .allMatch(text -> text.startsWith("lasting request=attach-17 "))
        .allMatch(text -> text.contains(" outcome=Unavailable reason=DOMAIN_BUSY "))
        .allMatch(text -> text.contains(" tried=") && text.contains(" since="))
        .extracting(text -> text.replaceAll(".* requests=(\\d+) .*", "$1"))
        .containsExactly("3", "6", "12");

    domain.asUsual(Call.ATTACH);
    expect(Attached.class, executor.attach(domain.ref(), DISK, DEADLINE).await());
    expect(Detached.class, executor.detach(domain.ref(), VOLUME, DEADLINE).await());
    domain.always(Call.ATTACH, fails(Call.ATTACH, 68, "cannot acquire state change lock"));
    for (int i = 0; i < 2; i++) {
      expect(Unavailable.class, executor.attach(domain.ref(), DISK, DEADLINE).await());
    }

    assertThat(texts(Level.WARN)).as("counted anew after a success").hasSize(3);
  }

  @Test
  void aGuestThatDoesNotReleaseADiskLasts() {
    domain.put(placed(DISK, "vda", 3), LIVE, PERSISTENT);
    domain.guestReleases = false;
    for (int i = 0; i < 3; i++) {
      expect(Pending.class, executor.detach(domain.ref(), VOLUME, DEADLINE).await());
    }

    assertThat(texts(Level.WARN)).hasSize(1);
    assertThat(texts(Level.WARN).get(0))
        .startsWith("lasting request=detach-17 ")
        .contains(" outcome=Pending reason=GUEST ");
  }

  @Test
  void whatTheCallerEndsDoesNotLast() {
    Executor closed = executor(Scheduler.threads(1), domain);
    closed.close();
    for (int i = 0; i < 3; i++) {
      expect(Unavailable.class, closed.attach(domain.ref(), DISK, DEADLINE).await());
    }

    assertThat(logs.texts(Level.WARN)).isEmpty();
    assertThat(logs.texts(Level.DEBUG)).hasSize(3);
  }

  /** What a backend throws may quote a secret. */
  @Test
  void aMistakeIsToldWithoutItsWords() {
    domain.next(
        Call.READ_XML,
        effect -> {
          throw new IllegalStateException("key AQBsecret");
        });

    assertThatThrownBy(() -> executor.attach(domain.ref(), DISK, DEADLINE).await())
        .hasRootCauseMessage("key AQBsecret");

    assertThat(texts(Level.WARN)).hasSize(1);
    assertThat(texts(Level.WARN).get(0))
        .startsWith("failed request=attach-17 ")
        .contains(" problem=java.lang.IllegalStateException ");
    assertThat(logs.lines()).noneMatch(line -> line.text().contains("AQBsecret"));
  }

  @Test
  void aCallThatHangsIsOneWarning() {
    CountDownLatch returns = new CountDownLatch(1);
    domain.next(Call.ATTACH, hangs(returns));
    try (Executor real = executor(Scheduler.threads(2), domain)) {
      expect(Indeterminate.class, real.attach(domain.ref(), DISK, Duration.ofMillis(1500)).await());
      await().until(() -> !logs.texts(Level.WARN).isEmpty());
    } finally {
      returns.countDown();
    }

    assertThat(texts(Level.WARN)).hasSize(1);
    assertThat(texts(Level.WARN).get(0))
        .startsWith("call-hangs request=attach-17 ")
        .contains(" call=ATTACH took=");
  }

  @Test
  void everyOutcomeIsSortedIn() {
    assertThat(leaves(Outcome.class).collect(Collectors.toSet()))
        .isEqualTo(
            Stream.concat(CHANGES.stream(), NO_CHANGES.stream()).collect(Collectors.toSet()));
  }

  private static Stream<Class<?>> leaves(Class<?> type) {
    return type.isSealed()
        ? Stream.of(type.getPermittedSubclasses()).flatMap(RequestLogTest::leaves)
        : Stream.of(type);
  }

  @Test
  void anAdoptionIsOneLineAndASecondIsNone() {
    domain.put(strangers("/srv/one.img", "vdx", 9, ""), LIVE, PERSISTENT);
    for (int i = 0; i < 2; i++) {
      expect(Changed.class, executor.adopt(domain.ref(), VOLUME, DEADLINE).await());
    }

    assertThat(texts(Level.INFO)).hasSize(1);
    assertThat(texts(Level.INFO).get(0))
        .startsWith("adopted request=adopt-17 ")
        .contains(" target=vdx address=0000:00:09.0 views=LIVE,PERSISTENT took=");
  }

  @Test
  void theGuideNamesAllLoggers() throws IOException {
    Set<String> used = new TreeSet<>();
    for (String module : List.of("core", "ceph", "iscsi")) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src/main/java"))) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          matches("getLogger\\(\"([^\"]+)\"", Files.readString(file)).forEach(used::add);
        }
      }
    }

    assertThat(used).isNotEmpty();
    assertThat(matches("(?m)^\\| `(io\\.diskplug\\.[a-z]+)` \\|", Files.readString(GUIDE)))
        .containsExactlyInAnyOrderElementsOf(used);
  }

  private static List<String> matches(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().map(found -> found.group(1)).toList();
  }

  /** Where the guide differs, the failure shows the lines that belong there. */
  @Test
  void theGuideShowsTheLinesThatAreWritten() throws IOException {
    expect(Attached.class, executor.attach(DomainRef.name(domain.name()), DISK, DEADLINE).await());
    expect(Detached.class, executor.detach(domain.ref(), VOLUME, DEADLINE).await());
    domain.always(Call.ATTACH, fails(Call.ATTACH, 68, "cannot acquire state change lock"));
    for (int i = 0; i < 3; i++) {
      expect(Unavailable.class, executor.attach(domain.ref(), DISK, DEADLINE).await());
    }
    expect(Rejected.class, executor.detach(DomainRef.name("gone"), VOLUME, DEADLINE).await());
    List<String> written =
        Stream.concat(texts(Level.INFO).stream(), texts(Level.WARN).stream()).toList();

    assertThat(written).hasSize(4);
    assertThat(Files.readString(GUIDE)).contains(String.join("\n", written));
  }
}
