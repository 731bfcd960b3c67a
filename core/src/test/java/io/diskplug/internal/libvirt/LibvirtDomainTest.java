// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Memory;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.NativeLongByReference;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.RunState;
import io.diskplug.domain.StateReason;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.DaemonFacts;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.libvirt.jna.ConnectionPointer;
import org.libvirt.jna.DomainPointer;

/** How often a domain is looked up, and what becomes of the pointers. */
class LibvirtDomainTest {

  private static final UUID DOMAIN = UUID.fromString("6f1b7a5e-52b1-4d7e-9f2c-2d8f4ad6a001");
  private static final UUID ANOTHER = UUID.fromString("6f1b7a5e-52b1-4d7e-9f2c-2d8f4ad6a002");
  private static final String NAME = "vm";
  private static final int RUNNING = 1;
  private static final int SHUT_OFF = 5;

  /** What libvirt gives out for a domain: its id stays that of the time of the lookup. */
  private static final class LookedUp extends DomainPointer {
    private final UUID uuid;
    private final int id;

    LookedUp(UUID uuid, int id) {
      this.uuid = uuid;
      this.id = id;
    }
  }

  /** The calls that ask the daemon, and those that give a pointer back. */
  private final List<String> calls = new ArrayList<>();

  private int held;
  private int id = 3;
  private int state = RUNNING;
  private boolean known = true;
  private boolean alive = true;
  private boolean runs = true;
  private @Nullable ConnectionPointer dead;
  private long version = 9_000_000;

  private final LibvirtApi api = ScriptedApi.of(this::answer);

  private final Connections connections = new Connections(api, "scripted", false);
  private final StoragePools pools = new StoragePools(api, connections);
  private final LibvirtDomain domain =
      new LibvirtDomain(api, connections, pools, null, DOMAIN, NAME);

  private @Nullable Object answer(Method method, Object[] arguments) {
    return switch (method.getName()) {
      case "virConnectOpenAuth" -> runs ? new ConnectionPointer() : null;
      case "virConnectIsAlive" -> alive && arguments[0] != dead ? 1 : 0;
      case "virConnectGetLibVersion" -> {
        ((NativeLongByReference) arguments[1]).setValue(new NativeLong(version));
        yield version < 0 ? -1 : 0;
      }
      case "virDomainLookupByUUIDString" -> lookUp(UUID.fromString((String) arguments[1]));
      case "virDomainLookupByName" -> lookUp(DOMAIN);
      case "virDomainFree" -> {
        held--;
        yield 0;
      }
      case "virDomainGetID" -> ((LookedUp) arguments[0]).id;
      case "virDomainGetUUIDString" -> {
        byte[] text = ((LookedUp) arguments[0]).uuid.toString().getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, (byte[]) arguments[1], 0, text.length);
        yield 0;
      }
      case "virDomainGetState" -> {
        ((IntByReference) arguments[1]).setValue(state);
        ((IntByReference) arguments[2]).setValue(1);
        yield asked("state", 0);
      }
      case "virDomainIsPersistent" -> asked("persistent", 1);
      case "virDomainHasManagedSaveImage" -> asked("saved", 0);
      case "virDomainSnapshotNum" -> asked("snapshots", 0);
      case "virDomainGetControlInfo" -> {
        ((Memory) arguments[1]).clear();
        yield asked("control", 0);
      }
      case "virGetLastError" -> Pointer.NULL;
      case "virConnectClose" -> 0;
      default -> throw new AssertionError("not expected: " + method);
    };
  }

  private int asked(String call, int answer) {
    calls.add(call);
    return answer;
  }

  private @Nullable DomainPointer lookUp(UUID uuid) {
    calls.add("lookup");
    if (!known) {
      return null;
    }
    held++;
    return new LookedUp(uuid, id);
  }

  @Test
  void whatTheDaemonIsKnownForIsThatOfTheLastConnection() throws Exception {
    assertThat(domain.daemon()).isEqualTo(DaemonFacts.UNKNOWN);
    begin(DomainRef.name(NAME));
    assertThat(domain.daemon()).isEqualTo(DaemonFacts.ofVersion(9_000_000));

    // The daemon was upgraded: connections to the old one are dead.
    alive = false;
    version = 11_003_000;
    begin(DomainRef.name(NAME));

    assertThat(domain.daemon()).isEqualTo(DaemonFacts.ofVersion(11_003_000));
  }

  @Test
  void aDaemonIsNotKnownAnyMoreWhenItsConnectionBreaksDuringACall() throws Exception {
    begin(DomainRef.name(NAME));

    connections.call(Call.READ_XML, connection -> alive = false);

    assertThat(domain.daemon()).isEqualTo(DaemonFacts.UNKNOWN);
  }

  @Test
  void aDaemonIsNotKnownAnyMoreWhenItsConnectionBreaksBetweenCalls() throws Exception {
    begin(DomainRef.name(NAME));
    alive = false;
    runs = false;

    assertThatThrownBy(() -> begin(DomainRef.name(NAME))).isInstanceOf(FaultException.class);

    assertThat(domain.daemon()).isEqualTo(DaemonFacts.UNKNOWN);
  }

  @Test
  void aDaemonIsKnownAgainByAConnectionThatHasNotBroken() throws Exception {
    ConnectionPointer[] last = {null};
    connections.call(
        Call.LOOKUP,
        outer -> {
          last[0] = outer.pointer();
          return connections.call(Call.LOOKUP, inner -> inner);
        });
    // The next call takes the one that was given back last.
    dead = last[0];

    begin(DomainRef.name(NAME));

    assertThat(domain.daemon()).isEqualTo(DaemonFacts.ofVersion(9_000_000));
  }

  @Test
  void ofADaemonThatDoesNotSayItsVersionTheCarefulAnswerIsAssumed() throws Exception {
    version = -1;
    begin(DomainRef.name(NAME));

    assertThat(domain.daemon()).isEqualTo(DaemonFacts.UNKNOWN);
  }

  private void begin(DomainRef ref) throws FaultException {
    connections.call(Call.LOOKUP, connection -> connection.begin(ref));
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void aRequestThatHasLookedItsDomainUpReadsTheFirstStatusWithoutAnotherLookup(boolean byName)
      throws Exception {
    begin(byName ? DomainRef.name(NAME) : DomainRef.uuid(DOMAIN));

    DomainStatus status = domain.status();

    assertThat(status)
        .isEqualTo(new DomainStatus(RunState.RUNNING, StateReason.BOOTED, 3, true, false));
    assertThat(calls).containsExactly("lookup", "state", "persistent");
  }

  @Test
  void theSecondStatusHasTheIdOfItsTime() throws Exception {
    begin(DomainRef.uuid(DOMAIN));
    domain.status();
    id = 4;

    assertThat(domain.status().id()).isEqualTo(4);
    assertThat(calls).filteredOn("lookup"::equals).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({"3, -1, 5", "-1, 3, 1"})
  void aDomainThatWasStartedOrStoppedSinceIsLookedUpAgain(int before, int after, int nowIn)
      throws Exception {
    id = before;
    begin(DomainRef.uuid(DOMAIN));
    id = after;
    state = nowIn;

    DomainStatus status = domain.status();

    assertThat(status.id()).isEqualTo(after);
    assertThat(status.state()).isEqualTo(nowIn == SHUT_OFF ? RunState.SHUT_OFF : RunState.RUNNING);
    assertThat(calls).filteredOn("lookup"::equals).hasSize(2);
  }

  @Test
  void aDomainThatStaysShutOffIsNotLookedUpAgain() throws Exception {
    id = -1;
    state = SHUT_OFF;
    begin(DomainRef.uuid(DOMAIN));

    assertThat(domain.status().active()).isFalse();
    assertThat(calls).containsExactly("lookup", "state", "persistent", "saved", "snapshots");
  }

  @Test
  void theRunIsThatOfNowAndCostsALookup() throws Exception {
    begin(DomainRef.uuid(DOMAIN));
    id = 4;

    assertThat(domain.run()).hasValue(4);
    id = -1;
    assertThat(domain.run()).isEmpty();
    assertThat(calls).containsExactly("lookup", "lookup", "lookup");
  }

  @Test
  void otherCallsInBetweenChangeNothing() throws Exception {
    begin(DomainRef.uuid(DOMAIN));
    domain.control();
    domain.status();

    assertThat(calls).containsExactly("lookup", "control", "state", "persistent");
  }

  @Test
  void anotherDomainInBetweenMeansAnotherLookup() throws Exception {
    begin(DomainRef.uuid(DOMAIN));
    new LibvirtDomain(api, connections, pools, null, ANOTHER, "another").control();
    id = 4;

    assertThat(domain.status().id()).isEqualTo(4);
  }

  @Test
  void theStatusOfAnotherDomainIsNotThatOfTheOneLookedUp() throws Exception {
    begin(DomainRef.uuid(DOMAIN));
    id = 7;

    assertThat(new LibvirtDomain(api, connections, pools, null, ANOTHER, "another").status().id())
        .isEqualTo(7);
    assertThat(domain.status().id()).isEqualTo(7);
  }

  @Test
  void whatWasLookedUpAWhileAgoIsNotTakenForNew() throws Exception {
    long[] now = {0};
    try (Connection connection =
        new Connection(api, new ConnectionPointer(), DaemonFacts.UNKNOWN, () -> now[0])) {
      connection.begin(DomainRef.uuid(DOMAIN));
      now[0] = 999_999_999;
      assertThat(connection.justLookedUp(DOMAIN)).isNotNull();
      connection.begin(DomainRef.uuid(DOMAIN));
      now[0] += 1_000_000_000;
      assertThat(connection.justLookedUp(DOMAIN)).isNull();
    }
    assertThat(held).isZero();
  }

  @Test
  void aDomainThatIsGoneIsNotTheOneThatWasThereBefore() throws Exception {
    begin(DomainRef.uuid(DOMAIN));
    domain.status();
    known = false;

    assertThatThrownBy(() -> begin(DomainRef.uuid(DOMAIN))).isInstanceOf(FaultException.class);
    assertThatThrownBy(domain::status).isInstanceOf(FaultException.class);
  }

  @Test
  void everyPointerIsGivenBack() throws Exception {
    begin(DomainRef.name(NAME));
    domain.status();
    domain.status();
    begin(DomainRef.uuid(ANOTHER));
    domain.control();
    assertThat(held).isEqualTo(1);
    connections.close();

    assertThat(held).isZero();
  }
}
