// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.internal.exec.Requests.expect;
import static io.diskplug.internal.exec.SimulatedSite.LONGER;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.StorageSource;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.kind.ExampleKind;
import io.diskplug.internal.observe.ListenerDispatcher;
import io.diskplug.internal.request.ReleaseRules;
import io.diskplug.internal.storage.StorageProbes;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.DiskReport;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.StorageSight;
import io.diskplug.sim.SimulatedDomain;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.StorageProbe;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an inspection makes of what a storage says of the disks of a domain that runs. */
class InspectStorageTest {

  private static final FileDisk DISK = SimulatedSite.disk("one");
  private static final StorageProbe.Finding NOBODY = new StorageProbe.Ready(OptionalLong.empty());
  private static final StorageProbe.Finding QEMU =
      new StorageProbe.Refused(StorageProbe.Reason.IN_USE, "client.1 has it open");

  private final SimulatedSite site = new SimulatedSite();
  private final SimulatedDomain domain = site.host.definePc("pc").start();
  private final Probe probe = new Probe();
  private io.diskplug.internal.exec.Executor executor = executor(site.time::execute);

  private io.diskplug.internal.exec.Executor executor(Executor threads) {
    return new io.diskplug.internal.exec.Executor(
        site.host.connect("process"),
        ExampleKind.FAULTS,
        ExampleKind.ALL,
        ReleaseRules.USUAL,
        new StorageProbes(List.of(probe), threads),
        site.time,
        new Random(1),
        ListenerDispatcher.none());
  }

  @BeforeEach
  void attach() {
    expect(Attached.class, executor.attach(domain.ref(), DISK, LONGER).await());
  }

  @AfterEach
  void close() {
    executor.close();
  }

  /** Knows one volume. */
  private static final class Probe implements StorageProbe {
    final List<Finding> findings = new ArrayList<>(List.of(QEMU));
    int asked;

    @Override
    public boolean answersFor(DiskSource disk) {
      return false;
    }

    @Override
    public boolean answersFor(VolumeRef volume) {
      return volume.identity().equals(DISK.volume().identity());
    }

    @Override
    public Optional<SourceIdentity> identityOf(StorageSource source, String alias) {
      SourceIdentity identity = DISK.volume().identity();
      return identity.names(source) && identity.alias().equals(alias)
          ? Optional.of(identity)
          : Optional.empty();
    }

    @Override
    public Finding beforeAttach(DiskSource disk, Duration budget) {
      throw new IllegalStateException("it answers for no disk");
    }

    /** The last finding is said again and again. */
    @Override
    public Finding afterDetach(VolumeRef volume, Duration budget) {
      asked++;
      return findings.size() > 1 ? findings.remove(0) : findings.get(0);
    }
  }

  private Inspected inspect(Duration deadline) {
    return expect(Inspected.class, executor.inspect(domain.ref(), deadline).await());
  }

  private static StorageSight sight(Inspected inspected) {
    return inspected.disks().get(0).storage().orElseThrow();
  }

  private void says(StorageProbe.Finding... findings) {
    probe.findings.clear();
    probe.findings.addAll(List.of(findings));
  }

  @Test
  void aDiskThatQemuHasOpenIsInOrder() {
    Inspected inspected = inspect(LONGER);

    assertThat(sight(inspected).inUse()).hasValue(true);
    assertThat(sight(inspected).explanation()).isEqualTo("client.1 has it open");
    assertThat(inspected.isClean()).isTrue();
    assertThat(probe.asked).isEqualTo(1);
  }

  @Test
  void aDiskThatNoClientHasOpenIsDead() {
    says(NOBODY);

    Inspected inspected = inspect(LONGER);

    DiskReport report = inspected.disks().get(0);
    assertThat(report.isCutOff()).isTrue();
    assertThat(report.heldByQemu()).contains(true);
    assertThat(sight(inspected).explanation())
        .contains("/srv/one", report.targetDev(), "no client", "blocklist");
    assertThat(inspected.isClean()).isFalse();
    assertThat(probe.asked).as("it is believed when it was said twice").isEqualTo(2);
    // What the domain has is what an attach answers by, and no storage is asked.
    expect(AlreadyAttached.class, executor.attach(domain.ref(), DISK, LONGER).await());
    assertThat(probe.asked).isEqualTo(2);
  }

  @Test
  void whatIsSaidOnceIsNotBelieved() {
    says(NOBODY, QEMU);

    assertThat(sight(inspect(LONGER)).inUse()).hasValue(true);
  }

  @Test
  void aDiskThatHasGoneMeanwhileIsNotReported() {
    says(NOBODY);
    executor.close();
    executor =
        executor(
            question -> {
              question.run();
              if (probe.asked == 1) {
                domain.destroy();
              }
            });

    Inspected inspected = inspect(LONGER);

    assertThat(inspected.disks()).noneMatch(DiskReport::isCutOff);
  }

  @Test
  void aStorageThatDoesNotSayIsNoFinding() {
    says(new StorageProbe.Refused(StorageProbe.Reason.NOT_FOUND, "there is no image"));

    Inspected inspected = inspect(LONGER);

    assertThat(sight(inspected))
        .isEqualTo(new StorageSight(Optional.empty(), "there is no image", false));
    assertThat(inspected.isClean()).isTrue();
  }

  /** Demoted under a running guest: each write fails. */
  @Test
  void aVolumeThatFollowsAnotherOneIsDisorder() {
    says(new StorageProbe.Refused(StorageProbe.Reason.NOT_PRIMARY, "it was demoted"));

    Inspected inspected = inspect(LONGER);

    assertThat(sight(inspected).inUse()).isEmpty();
    assertThat(sight(inspected).explanation()).isEqualTo("it was demoted");
    assertThat(inspected.disks().get(0).isNotPrimary()).isTrue();
    assertThat(inspected.isClean()).isFalse();
  }

  @Test
  void aDiskThatOnlyReadsIsInOrderOnSuchAVolume() {
    expect(Detached.class, executor.detach(domain.ref(), DISK.volume(), LONGER).await());
    FileDisk readOnly =
        new FileDisk("pvc-one", Path.of("/srv/one"), DiskOptions.DEFAULTS.withReadOnly(true));
    expect(Attached.class, executor.attach(domain.ref(), readOnly, LONGER).await());
    says(new StorageProbe.Refused(StorageProbe.Reason.NOT_PRIMARY, "it was demoted"));

    assertThat(inspect(LONGER).disks()).noneMatch(DiskReport::isNotPrimary);
  }

  @Test
  void aStorageThatDoesNotAnswerIsWaitedForForTwoSeconds() {
    executor.close();
    executor = executor(question -> {});
    long before = site.time.nanoTime();

    Inspected inspected = inspect(LONGER);

    assertThat(sight(inspected).inUse()).isEmpty();
    assertThat(sight(inspected).explanation()).contains("not answered");
    assertThat(Duration.ofNanos(site.time.nanoTime() - before))
        .isBetween(Duration.ofSeconds(2), Duration.ofMillis(2500));
    assertThat(sight(inspect(Duration.ofSeconds(1))).inUse()).isEmpty();
  }

  @Test
  void otherDisksAndOtherRequestsDoNotAsk() {
    says(NOBODY);
    FileDisk second = SimulatedSite.disk("two");
    expect(Attached.class, executor.attach(domain.ref(), second, LONGER).await());

    Inspected inspected = inspect(LONGER);
    assertThat(inspected.disks()).extracting(DiskReport::isCutOff).containsExactly(true, false);
    assertThat(inspected.disks().get(1).storage()).isEmpty();

    probe.asked = 0;
    SimulatedSite.plugOrphans(executor, domain);
    domain.destroy();
    assertThat(inspect(LONGER).disks().get(0).storage()).isEmpty();
    assertThat(probe.asked).as("a repair, and a domain that is shut off").isZero();
  }
}
