// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.executor;
import static io.diskplug.internal.exec.Requests.expect;
import static io.diskplug.internal.exec.Requests.strangers;
import static io.diskplug.internal.exec.ScriptedDomain.fails;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.SourceSpec;
import io.diskplug.domain.Disk;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.Call;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.ChangeOutcome;
import io.diskplug.outcome.Changed;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.DiskSource;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Of an image whose cluster has a name: its source alone does not say whose it is. */
class AdoptTest {

  private static final SourceIdentity IDENTITY = new SourceIdentity("file", "site-1", "/srv/x");
  private static final VolumeRef VOLUME = new VolumeRef("pvc-adopted", IDENTITY);
  private static final String ALIAS = IDENTITY.alias();
  private static final String LIVE_XML = strangers("/srv/x", "vdx", 7, "virtio-disk23");
  private static final String PERSISTENT_XML = strangers("/srv/x", "vdx", 7, "");

  /** The same disk, asked for as a volume. */
  private static final DiskSource DISK =
      new DiskSource() {
        private final FileDisk file =
            new FileDisk(VOLUME.id(), Path.of("/srv/x"), DiskOptions.DEFAULTS);

        @Override
        public VolumeRef volume() {
          return VOLUME;
        }

        @Override
        public DiskOptions options() {
          return DiskOptions.DEFAULTS;
        }

        @Override
        public SourceSpec source() {
          return file.source();
        }
      };

  private final ScriptedDomain domain = new ScriptedDomain();
  private final SteppedTime time = new SteppedTime();
  private final Executor executor = executor(time, domain);

  private ChangeOutcome adopt() {
    return executor.adopt(domain.ref(), VOLUME, DEADLINE).await();
  }

  private void attached() {
    domain.put(LIVE_XML, LIVE);
    domain.put(PERSISTENT_XML, PERSISTENT);
  }

  private Rejected rejected(Rejected.Reason reason) {
    Rejected rejected = expect(Rejected.class, adopt());
    assertThat(rejected.reason()).isEqualTo(reason);
    assertThat(domain.changes()).isEmpty();
    return rejected;
  }

  private Disk only(View view) {
    return DomainXmlReader.readDisk(domain.disks(view).get(0));
  }

  @Test
  void onlyTheAliasOfThePersistentOneChanges() {
    attached();
    Disk before = only(PERSISTENT);

    Changed adopted = expect(Changed.class, adopt());

    assertThat(adopted.changed()).isTrue();
    assertThat(adopted.targetDev()).isEqualTo("vdx");
    assertThat(adopted.observed().persistent().orElseThrow().address())
        .isEqualTo(PciAddress.of(0, 7));
    assertThat(domain.changes()).containsExactly("UPDATE vdx [PERSISTENT]");
    assertThat(only(PERSISTENT).alias()).isEqualTo(ALIAS);
    assertThat(only(PERSISTENT).driver()).isEqualTo(before.driver());
    assertThat(only(PERSISTENT).serial()).isNull();
    assertThat(expect(Changed.class, adopt()).changed()).isFalse();
  }

  @Test
  void fromThenOnItIsTheVolume() {
    attached();
    expect(Rejected.class, executor.attach(domain.ref(), DISK, DEADLINE).await());
    expect(Changed.class, adopt());

    AlreadyAttached already =
        expect(AlreadyAttached.class, executor.attach(domain.ref(), DISK, DEADLINE).await());

    assertThat(already.guestPath()).isEmpty();
    assertThat(already.differences())
        .extracting(difference -> difference.view() + " " + difference.field())
        .containsExactly("LIVE alias", "LIVE serial", "PERSISTENT serial");
  }

  @Test
  void afterTheNextStartToo() {
    attached();
    expect(Changed.class, adopt());
    domain.drop(LIVE);
    domain.put(domain.disks(PERSISTENT).get(0), LIVE);

    expect(AlreadyAttached.class, executor.attach(domain.ref(), DISK, DEADLINE).await());
    expect(Detached.class, executor.detach(domain.ref(), VOLUME, DEADLINE).await());
  }

  /** What is in the persistent view says whose the live disk is, until it is gone. */
  @Test
  void aDetachTakesTheLiveOneFirst() {
    attached();
    expect(Changed.class, adopt());
    domain.calls.clear();

    expect(Detached.class, executor.detach(domain.ref(), VOLUME, DEADLINE).await());

    assertThat(domain.changes())
        .containsExactly("DETACH virtio-disk23 [LIVE]", "DETACH " + ALIAS + " [PERSISTENT]");
  }

  @Test
  void anAliasInThePersistentViewVouchesForTheSameDiskOnly() {
    domain.put(
        PERSISTENT_XML.replace("</disk>", "<alias name='" + ALIAS + "'/></disk>"), PERSISTENT);
    domain.put(strangers("/srv/x", "vdq", 7, "virtio-disk16"), LIVE);

    Rejected rejected =
        expect(Rejected.class, executor.detach(domain.ref(), VOLUME, DEADLINE).await());

    assertThat(rejected.reason()).isEqualTo(Rejected.Reason.CONFLICT);
    assertThat(domain.changes()).isEmpty();
  }

  @Test
  void aDiskWithAnotherSerialIsAnotherVolume() {
    String serial = "<serial>pvc-theirs</serial></disk>";
    domain.put(LIVE_XML.replace("</disk>", serial), LIVE);
    domain.put(PERSISTENT_XML.replace("</disk>", serial), PERSISTENT);

    Rejected rejected = rejected(Rejected.Reason.CONFLICT);

    assertThat(rejected.explanation()).contains("pvc-theirs");
    assertThat(rejected.differences()).hasSize(1);
  }

  @Test
  void noSuchDisk() {
    domain.put(strangers("/srv/y", "vdx", 7, ""), LIVE, PERSISTENT);

    rejected(Rejected.Reason.NOT_ATTACHED);
  }

  @Test
  void oneOfTwo() {
    attached();
    domain.put(strangers("/srv/x", "vdy", 8, ""), PERSISTENT);

    assertThat(rejected(Rejected.Reason.CONFLICT).explanation()).contains("more than once");
  }

  /** It is added to the persistent view with the alias, which vouches for it. */
  @Test
  void aDiskInTheLiveViewOnly() {
    domain.put(LIVE_XML, LIVE);

    assertThat(expect(Changed.class, adopt()).changed()).isTrue();

    assertThat(domain.changes()).containsExactly("ATTACH [PERSISTENT]");
    assertThat(only(PERSISTENT).alias()).isEqualTo(ALIAS);
    assertThat(only(PERSISTENT).address()).isEqualTo(PciAddress.of(0, 7));
    assertThat(only(LIVE).alias()).isEqualTo("virtio-disk23");
    expect(AlreadyAttached.class, executor.attach(domain.ref(), DISK, DEADLINE).await());
    expect(Detached.class, executor.detach(domain.ref(), VOLUME, DEADLINE).await());
  }

  @Test
  void aDiskInTheLiveViewOnlyWhosePlaceIsTakenInThePersistentOne() {
    domain.put(LIVE_XML, LIVE);
    domain.put(strangers("/srv/z", "vdx", 9, ""), PERSISTENT);

    assertThat(rejected(Rejected.Reason.CONFLICT).explanation()).contains("vdx");
  }

  /** The guest may be about to release it. */
  @Test
  void aDiskInTheLiveViewOnlyOfAPausedGuest() {
    domain.put(LIVE_XML, LIVE);
    domain.status(ScriptedDomain.PAUSED);

    assertThat(expect(Unavailable.class, adopt()).reason())
        .isEqualTo(Unavailable.Reason.UNPLUG_IN_PROGRESS);
    assertThat(domain.changes()).isEmpty();
  }

  /** What has no serial in one view gets none in the other. */
  @Test
  void aDiskInThePersistentViewOnlyIsPluggedAsItIsThere() {
    domain.put(PERSISTENT_XML, PERSISTENT);
    expect(Changed.class, adopt());

    expect(Attached.class, executor.attach(domain.ref(), DISK, DEADLINE).await());

    assertThat(only(LIVE).serial()).isNull();
    assertThat(only(LIVE).alias()).isEqualTo(ALIAS);
    expect(AlreadyAttached.class, executor.attach(domain.ref(), DISK, DEADLINE).await());
  }

  /** A change that would leave the two views in conflict is not made. */
  @Test
  void viewsThatDisagreeOnTheAddress() {
    domain.put(LIVE_XML, LIVE);
    domain.put(strangers("/srv/x", "vdx", 9, ""), PERSISTENT);

    rejected(Rejected.Reason.CONFLICT);
  }

  @Test
  void viewsThatDisagree() {
    domain.put(LIVE_XML, LIVE);
    domain.put(strangers("/srv/x", "vdy", 7, ""), PERSISTENT);

    assertThat(rejected(Rejected.Reason.CONFLICT).explanation()).contains("target dev");
  }

  @Test
  void aTransientDomain() {
    attached();
    domain.status(ScriptedDomain.TRANSIENT);

    assertThat(rejected(Rejected.Reason.BAD_REQUEST).explanation()).contains("transient");
  }

  @Test
  void aDomainThatIsShutOff() {
    domain.put(PERSISTENT_XML, PERSISTENT);
    domain.status(ScriptedDomain.SHUT_OFF);

    assertThat(expect(Changed.class, adopt()).changed()).isTrue();
  }

  @Test
  void theSameNameInAnotherCluster() {
    String theirs = new SourceIdentity("file", "site-2", "/srv/x").alias();
    domain.put(strangers("/srv/x", "vdx", 7, theirs), LIVE, PERSISTENT);

    assertThat(rejected(Rejected.Reason.CONFLICT).explanation()).contains("another cluster");
  }

  @Test
  void anAliasThatIsSilentlyDropped() {
    attached();
    domain.next(Call.UPDATE, effect -> {});

    expect(Rejected.class, adopt());
    assertThat(domain.count(Call.UPDATE)).isEqualTo(1);
  }

  @Test
  void anError() {
    attached();
    domain.always(
        Call.UPDATE,
        fails(
            Call.UPDATE, 67, "unsupported configuration: cannot modify field 'alias' of the disk"));

    expect(Rejected.class, adopt());
  }

  @Test
  void aDiskThatWasTakenOverIsInOrder() {
    attached();
    expect(Changed.class, adopt());
    domain.qemuDevices.add("virtio-disk23");

    Inspected inspected = expect(Inspected.class, executor.inspect(domain.ref(), DEADLINE).await());

    assertThat(inspected.isClean()).as("%s", inspected).isTrue();
  }

  @Test
  void anotherDiskWithTheVolumesSerial() {
    attached();
    domain.put(
        strangers("/srv/y", "vdy", 8, "").replace("</disk>", "<serial>pvc-adopted</serial></disk>"),
        PERSISTENT);

    assertThat(rejected(Rejected.Reason.CONFLICT).explanation()).contains("vdy");
  }

  @Test
  void aDiskThatIsBeingCopied() {
    domain.put(
        LIVE_XML.replace("</disk>", "<mirror type='file'><source file='/srv/z'/></mirror></disk>"),
        LIVE);
    domain.put(PERSISTENT_XML, PERSISTENT);

    assertThat(rejected(Rejected.Reason.CONFLICT).explanation()).contains("block job");
  }

  /** The same name in another cluster, at another place. */
  @Test
  void anAliasDoesNotVouchForADiskAtAnotherPlace() {
    domain.put(
        PERSISTENT_XML.replace("</disk>", "<alias name='" + ALIAS + "'/></disk>"), PERSISTENT);
    domain.put(strangers("/srv/x", "vdx", 9, "virtio-disk23"), LIVE);

    expect(Rejected.class, executor.detach(domain.ref(), VOLUME, DEADLINE).await());

    assertThat(domain.changes()).isEmpty();
  }

  /** Where libvirt takes no notes, this process knows all the same. */
  @Test
  void aDiskThatIsAskedForIsNotCalledAttached() {
    attached();
    expect(Changed.class, adopt());
    domain.always(Call.NOTE, fails(Call.NOTE, 3, "not supported"));
    domain.guestReleases = false;
    expect(Pending.class, executor.detach(domain.ref(), VOLUME, DEADLINE).await());

    assertThat(
            expect(Unavailable.class, executor.attach(domain.ref(), DISK, DEADLINE).await())
                .reason())
        .isEqualTo(Unavailable.Reason.UNPLUG_IN_PROGRESS);
  }
}
