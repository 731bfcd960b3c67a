// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.match;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.executor;
import static io.diskplug.internal.exec.Requests.expect;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.IoTune;
import io.diskplug.disk.SourceSpec;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.exec.Executor;
import io.diskplug.internal.exec.ScriptedDomain;
import io.diskplug.internal.exec.SteppedTime;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Changed;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.DiskPlan;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Planned;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import io.diskplug.spi.DiskSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whose a disk is, for each constellation of views, device, serial, alias and scope, and each
 * request. The table is computed from the rule as the guide states it, and not from the code.
 */
class OwnershipTableTest {

  private static final String ID = "pvc-1";
  private static final String PATH = "/srv/x";

  /** Which views the domain has, and which of them have the disk. */
  enum Where {
    BOTH,
    LIVE_ONLY,
    PERSISTENT_ONLY,
    SHUT_OFF,
    TRANSIENT;

    DomainStatus status() {
      return switch (this) {
        case SHUT_OFF -> ScriptedDomain.SHUT_OFF;
        case TRANSIENT -> ScriptedDomain.TRANSIENT;
        default -> ScriptedDomain.RUNNING;
      };
    }

    List<View> views() {
      return switch (this) {
        case BOTH -> List.of(LIVE, PERSISTENT);
        case LIVE_ONLY, TRANSIENT -> List.of(LIVE);
        default -> List.of(PERSISTENT);
      };
    }
  }

  enum Serial {
    NONE(""),
    EMPTY("<serial></serial>"),
    THE_VOLUMES("<serial>" + ID + "</serial>"),
    ANOTHER("<serial>pvc-2</serial>");

    private final String element;

    Serial(String element) {
      this.element = element;
    }
  }

  enum Alias {
    /** libvirt makes one up in the live view. */
    NONE,
    USERS,
    THE_VOLUMES,
    /** The volume's in the persistent view alone, as after an adoption. */
    ADOPTED,
    ANOTHER_VOLUMES
  }

  enum Source {
    THE_VOLUMES("/srv/x"),
    ANOTHER("/srv/y");

    private final String path;

    Source(String path) {
      this.path = path;
    }
  }

  enum Whose {
    THE_VOLUMES,
    /** It has the volume's source, and an alias of this library for another scope. */
    A_NAMESAKES,
    /** It has something of the volume, and is not touched. */
    ANOTHERS,
    /** It has nothing to do with the volume. */
    NOBODYS
  }

  private static VolumeRef volume(String scope) {
    return new VolumeRef(ID, new SourceIdentity("file", scope, PATH));
  }

  /** The same disk, asked for as a volume. */
  private record Asked(VolumeRef volume) implements DiskSource {
    @Override
    public DiskOptions options() {
      return DiskOptions.DEFAULTS;
    }

    @Override
    public SourceSpec source() {
      return SourceSpec.file(PATH);
    }
  }

  private static String alias(Alias alias, View view, String scope) {
    String made = view == LIVE ? "virtio-disk9" : "";
    return switch (alias) {
      case NONE -> made;
      case USERS -> "ua-data";
      case THE_VOLUMES -> volume(scope).identity().alias();
      case ADOPTED -> view == PERSISTENT ? volume(scope).identity().alias() : made;
      case ANOTHER_VOLUMES -> new SourceIdentity("file", "elsewhere", PATH).alias();
    };
  }

  private static String xml(
      String device, Source source, Serial serial, Alias alias, View view, String scope) {
    String name = alias(alias, view, scope);
    return """
        <disk type='file' device='%s'>
          <driver name='qemu' type='raw'/>
          <source file='%s'/>
          <target dev='vdx' bus='virtio'/>
          %s
          %s
          <address type='pci' domain='0x0000' bus='0x00' slot='0x07' function='0x0'/>
        </disk>
        """
        .formatted(
            device,
            source.path,
            serial.element,
            name.isEmpty() ? "" : "<alias name='" + name + "'/>");
  }

  /** The rule, in the words of the guide. */
  private static Whose whose(
      Where where, String device, Source source, Serial serial, Alias alias, String scope) {
    boolean pluggable = device.equals("disk") || device.equals("lun");
    boolean itsSource = source == Source.THE_VOLUMES;
    boolean itsSerial = serial == Serial.THE_VOLUMES;
    boolean itsAlias =
        alias == Alias.THE_VOLUMES
            || (alias == Alias.ADOPTED && where.views().contains(PERSISTENT));
    if (itsAlias) {
      return itsSource && pluggable ? Whose.THE_VOLUMES : Whose.ANOTHERS;
    } else if (alias == Alias.ANOTHER_VOLUMES) {
      if (itsSource && !itsSerial && !scope.isEmpty()) {
        return Whose.A_NAMESAKES;
      }
      return itsSerial || itsSource ? Whose.ANOTHERS : Whose.NOBODYS;
    } else if (itsSource) {
      return itsSerial && pluggable ? Whose.THE_VOLUMES : Whose.ANOTHERS;
    }
    return itsSerial ? Whose.ANOTHERS : Whose.NOBODYS;
  }

  static Stream<Arguments> table() {
    List<Arguments> rows = new ArrayList<>();
    for (Where where : Where.values()) {
      for (String device : List.of("disk", "lun", "cdrom", "floppy")) {
        for (Source source : Source.values()) {
          for (Serial serial : Serial.values()) {
            for (Alias alias : Alias.values()) {
              for (String scope : List.of("", "site-1")) {
                rows.add(Arguments.of(where, device, source, serial, alias, scope));
              }
            }
          }
        }
      }
    }
    return rows.stream();
  }

  private static ScriptedDomain domain(
      Where where, String device, Source source, Serial serial, Alias alias, String scope) {
    ScriptedDomain domain = new ScriptedDomain();
    domain.status(where.status());
    for (View view : where.views()) {
      domain.put(xml(device, source, serial, alias, view, scope), view);
    }
    return domain;
  }

  @ParameterizedTest
  @MethodSource("table")
  void everyRequestGoesByTheSameRule(
      Where where, String device, Source source, Serial serial, Alias alias, String scope) {
    Whose whose = whose(where, device, source, serial, alias, scope);
    VolumeRef volume = volume(scope);
    Asked asked = new Asked(volume);

    ScriptedDomain looked = domain(where, device, source, serial, alias, scope);
    Executor executor = executor(new SteppedTime(), looked);
    Outcome limit =
        executor.limit(looked.ref(), volume, IoTune.total(1 << 20, 100), DEADLINE).await();
    Planned planned =
        expect(Planned.class, executor.plan(looked.ref(), List.of(asked), DEADLINE).await());
    ScriptedDomain attached = domain(where, device, source, serial, alias, scope);
    AttachOutcome attach =
        executor(new SteppedTime(), attached).attach(attached.ref(), asked, DEADLINE).await();
    ScriptedDomain detached = domain(where, device, source, serial, alias, scope);
    DetachOutcome detach =
        executor(new SteppedTime(), detached).detach(detached.ref(), volume, DEADLINE).await();

    switch (whose) {
      case ANOTHERS -> {
        for (Outcome outcome : List.of(attach, detach, limit)) {
          Rejected rejected = expect(Rejected.class, outcome);
          assertThat(rejected.reason())
              .isIn(Rejected.Reason.CONFLICT, Rejected.Reason.SOURCE_CHANGED);
          assertThat(rejected.explanation()).contains("vdx");
        }
        assertThat(planned.disks().get(0)).isInstanceOf(DiskPlan.Refusal.class);
        for (ScriptedDomain untouched : List.of(looked, attached, detached)) {
          assertThat(untouched.changes()).isEmpty();
        }
      }
      case A_NAMESAKES -> {
        for (Outcome outcome : List.of(attach, limit)) {
          assertThat(expect(Rejected.class, outcome).reason()).isEqualTo(Rejected.Reason.CONFLICT);
        }
        assertThat(planned.disks().get(0)).isInstanceOf(DiskPlan.Refusal.class);
        AlreadyDetached already = expect(AlreadyDetached.class, detach);
        assertThat(already.proof()).isEqualTo(Proof.XML);
        assertThat(already.observed().unresolved())
            .extracting(disk -> disk.targetDev())
            .containsOnly("vdx");
        for (ScriptedDomain untouched : List.of(looked, attached, detached)) {
          assertThat(untouched.changes()).isEmpty();
        }
      }
      case THE_VOLUMES -> {
        assertThat(List.of(detached.disks(LIVE), detached.disks(PERSISTENT)))
            .as("%s", detach)
            .allMatch(List::isEmpty);
        assertThat(attached.changes()).noneMatch(change -> change.startsWith("DETACH"));
      }
      case NOBODYS -> {
        assertThat(detached.changes()).isEmpty();
        assertThat(limit)
            .isInstanceOfSatisfying(
                Rejected.class,
                rejected -> assertThat(rejected.reason()).isEqualTo(Rejected.Reason.NOT_ATTACHED));
        assertThat(planned.disks().get(0)).isInstanceOf(DiskPlan.Attach.class);
      }
    }
  }

  /** Where an explanation names adopt, adopt works, and leads to the volume's own disk. */
  @ParameterizedTest
  @MethodSource("table")
  void whatIsRecommendedWorks(
      Where where, String device, Source source, Serial serial, Alias alias, String scope) {
    ScriptedDomain domain = domain(where, device, source, serial, alias, scope);
    VolumeRef volume = volume(scope);
    Executor executor = executor(new SteppedTime(), domain);
    DetachOutcome detach =
        whose(where, device, source, serial, alias, scope) == Whose.ANOTHERS
            ? executor.detach(domain.ref(), volume, DEADLINE).await()
            : null;
    if (!(detach instanceof Rejected rejected) || !rejected.explanation().contains("adopt takes")) {
      return;
    }
    VolumeRef adopting =
        serial == Serial.ANOTHER ? new VolumeRef("pvc-2", volume.identity()) : volume;

    Changed adopted =
        expect(Changed.class, executor.adopt(domain.ref(), adopting, DEADLINE).await());

    assertThat(adopted.targetDev()).isEqualTo("vdx");
    DomainViews views =
        new DomainViews(
            where.status().active() ? view(domain, LIVE) : null, view(domain, PERSISTENT));
    assertThat(VolumeSearch.locate(views, adopting, Namesakes.STOP).mismatch()).isEmpty();
    Map<View, ?> present = VolumeSearch.locate(views, adopting, Namesakes.STOP).present();
    assertThat(present.keySet()).containsAll(where.views()).contains(PERSISTENT);
    executor.detach(domain.ref(), adopting, DEADLINE).await();
    assertThat(domain.disks(LIVE)).isEmpty();
    assertThat(domain.disks(PERSISTENT)).isEmpty();
  }

  private static DomainView view(ScriptedDomain domain, View view) {
    return DomainXmlReader.readDomain(
        ScriptedDomain.DOMAIN_XML
            .formatted(domain.name(), domain.uuid())
            .replace(ScriptedDomain.DISKS, String.join("\n", domain.disks(view))),
        view);
  }
}
