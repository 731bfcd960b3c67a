// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.alloc.Placement;
import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.SourceSpec;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.Call;
import io.diskplug.internal.engine.Calls;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.kind.ExampleKind;
import io.diskplug.internal.observe.ListenerDispatcher;
import io.diskplug.internal.place.DiskElements;
import io.diskplug.internal.request.ReleaseRules;
import io.diskplug.internal.request.repair.RepairSequence;
import io.diskplug.internal.storage.StorageProbes;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.DiskSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Disks and executors for the tests of requests. */
public final class Requests {

  public static final Duration DEADLINE = Duration.ofSeconds(5);

  public static final FileDisk DISK =
      new FileDisk("pvc-22650282-34fe-4111", Path.of("/srv/one.img"), DiskOptions.DEFAULTS);
  public static final VolumeRef VOLUME = DISK.volume();
  public static final String ALIAS = VOLUME.identity().alias();

  /** What a freshly attached disk has on {@link ScriptedDomain#DOMAIN_XML}. */
  public static final String FIRST_TARGET = "vda";

  public static final PciAddress FIRST_ADDRESS = PciAddress.of(0, 3);

  /** A backend's mistake: the element is not that of the volume. */
  public static final DiskSource MISMATCHED =
      new DiskSource() {
        @Override
        public VolumeRef volume() {
          return new VolumeRef("pvc-1", new SourceIdentity("file", "", "/srv/two.img"));
        }

        @Override
        public DiskOptions options() {
          return DiskOptions.DEFAULTS;
        }

        @Override
        public SourceSpec source() {
          return DISK.source();
        }
      };

  /** Makes each call, and knows no deadline. */
  public static final Calls CALLS =
      new Calls() {
        @Override
        public <T> T call(Call call, Body<T> body) throws FaultException {
          return body.run();
        }
      };

  private Requests() {}

  public static Executor executor(Scheduler scheduler, ScriptedDomain... domains) {
    return executor(scheduler, Proof.QEMU, domains);
  }

  public static Executor executor(Scheduler scheduler, Proof required, ScriptedDomain... domains) {
    return executor(scheduler, required, ListenerDispatcher.none(), domains);
  }

  public static Executor executor(
      Scheduler scheduler, ReleaseRules rules, ScriptedDomain... domains) {
    return executor(scheduler, rules, ListenerDispatcher.none(), domains);
  }

  public static Executor executor(
      Scheduler scheduler,
      Proof required,
      ListenerDispatcher dispatcher,
      ScriptedDomain... domains) {
    return executor(scheduler, rules(required), dispatcher, domains);
  }

  private static Executor executor(
      Scheduler scheduler,
      ReleaseRules rules,
      ListenerDispatcher dispatcher,
      ScriptedDomain... domains) {
    return new Executor(
        ScriptedDomain.hypervisor(domains),
        ExampleKind.FAULTS,
        ExampleKind.ALL,
        rules,
        StorageProbes.none(),
        scheduler,
        new Random(1),
        dispatcher);
  }

  /**
   * What is demanded of a detach.
   *
   * @param required with {@link Proof#QEMU} what is usual; else without the monitor
   */
  public static ReleaseRules rules(Proof required) {
    return required == Proof.QEMU
        ? ReleaseRules.USUAL
        : new ReleaseRules(/* monitor= */ false, /* evictsGhosts= */ true, required);
  }

  /** The disk as this library writes it. */
  public static String placed(DiskSource disk, String targetDev, int slot) {
    return DiskElements.write(
        disk,
        new Placement(
            targetDev,
            DiskBus.VIRTIO,
            disk.volume().identity().alias(),
            PciAddress.of(0, slot),
            List.of()));
  }

  /** A disk of another tool: neither serial nor user alias. */
  public static String strangers(String file, String targetDev, int slot, String alias) {
    return """
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw' cache='none'/>
      <source file='%s'/>
      <target dev='%s' bus='virtio'/>
      %s
      <address type='pci' domain='0x0000' bus='0x00' slot='0x%x' function='0x0'/>
    </disk>
    """
        .formatted(
            file, targetDev, alias.isEmpty() ? "" : "<alias name='%s'/>".formatted(alias), slot);
  }

  private static final Set<Unavailable.Reason> NOT_TRIED =
      EnumSet.of(
          Unavailable.Reason.INTERRUPTED, Unavailable.Reason.NOT_BEGUN, Unavailable.Reason.CLOSED);

  /** Checks the type of an outcome, and that one which was tried in vain says how often. */
  public static <T> T expect(Class<T> type, Object outcome) {
    assertThat(outcome).isInstanceOf(type);
    if (outcome instanceof Unavailable later
        && !NOT_TRIED.contains(later.reason())
        && !later.explanation().equals(RepairSequence.NOT_BEGUN)) {
      assertThat(later.observed().attempts()).as("attempts of %s", later).isPresent();
    }
    return type.cast(outcome);
  }
}
