// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.libvirt;

import static io.diskplug.internal.libvirt.NativeFaults.check;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import io.diskplug.disk.IoTune;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.RunState;
import io.diskplug.domain.StateReason;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.ErrorCode;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.ControlState;
import io.diskplug.internal.port.DaemonFacts;
import io.diskplug.internal.port.DomainHandle;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.libvirt.jna.CString;
import org.libvirt.jna.DomainPointer;

/**
 * A domain by its UUID. Its status is that of a domain that was looked up for it, or just before
 * for the request, so that the id is the id of the start that the status speaks of, or of one a
 * moment before; other calls use what their connection has kept.
 */
final class LibvirtDomain implements DomainHandle {

  /** What libvirt puts in front of the names of our elements. */
  private static final String METADATA_PREFIX = "diskplug";

  private final LibvirtApi api;
  private final Connections connections;
  private final StoragePools pools;
  private final @Nullable DomainEvents events;
  private final UUID uuid;
  private final String name;

  LibvirtDomain(
      LibvirtApi api,
      Connections connections,
      StoragePools pools,
      @Nullable DomainEvents events,
      UUID uuid,
      String name) {
    this.api = api;
    this.connections = connections;
    this.pools = pools;
    this.events = events;
    this.uuid = uuid;
    this.name = name;
  }

  @Override
  public UUID uuid() {
    return uuid;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public DomainStatus status() throws FaultException {
    return connections.call(
        Call.READ_STATUS,
        connection -> {
          DomainPointer begunWith = connection.justLookedUp(uuid);
          if (begunWith != null) {
            DomainStatus status = status(begunWith);
            if (status.active() == (status.state() != RunState.SHUT_OFF)) {
              return status;
            }
            // It was started or stopped in between.
          }
          return status(connection.lookUp(uuid));
        });
  }

  private DomainStatus status(DomainPointer domain) throws FaultException {
    int id = api.virDomainGetID(domain);
    IntByReference number = new IntByReference();
    IntByReference reason = new IntByReference();
    check(api, Call.READ_STATUS, api.virDomainGetState(domain, number, reason, 0));
    RunState state = runState(number.getValue());
    int persistent = check(api, Call.READ_STATUS, api.virDomainIsPersistent(domain));
    // A transient domain cannot have one, and some drivers refuse the question.
    int saved =
        id < 0 && persistent == 1
            ? check(api, Call.READ_STATUS, api.virDomainHasManagedSaveImage(domain, 0))
            : 0;
    return new DomainStatus(
        state,
        StateReason.of(state, reason.getValue()),
        id,
        persistent == 1,
        saved == 1,
        id < 0 ? memorySnapshots(domain) : 0);
  }

  private int memorySnapshots(DomainPointer domain) throws FaultException {
    int number = api.virDomainSnapshotNum(domain, LibvirtApi.VIR_DOMAIN_SNAPSHOT_LIST_ACTIVE);
    if (number >= 0) {
      return number;
    }
    FaultException refused = NativeFaults.last(api, Call.READ_STATUS);
    // A driver without snapshots.
    if (refused.fault().code() == ErrorCode.NO_SUPPORT) {
      return 0;
    }
    throw refused;
  }

  @Override
  public OptionalInt run() throws FaultException {
    return connections.call(
        Call.LOOKUP,
        connection -> {
          int id = api.virDomainGetID(connection.lookUp(uuid));
          return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
        });
  }

  @Override
  public DaemonFacts daemon() {
    return connections.facts();
  }

  @Override
  public ControlState control() throws FaultException {
    return withDomain(
        Call.READ_CONTROL,
        domain -> {
          ControlState state = ControlInfo.read(api, domain);
          // Asked only where a reading would wait for the start.
          return !state.isJobTaken() && daemon().readingTakesJob() && isStarting(domain)
              ? ControlState.CALL
              : state;
        });
  }

  /** The control interface does not show the job of a start between the commands for QEMU. */
  private boolean isStarting(DomainPointer domain) throws FaultException {
    IntByReference number = new IntByReference();
    IntByReference reason = new IntByReference();
    check(api, Call.READ_STATUS, api.virDomainGetState(domain, number, reason, 0));
    RunState state = runState(number.getValue());
    return StateReason.of(state, reason.getValue()) == StateReason.STARTING_UP;
  }

  @Override
  public List<String> targetDevs() throws FaultException {
    return withDomain(Call.READ_STATS, domain -> BlockStats.targetDevs(api, domain));
  }

  @Override
  public Optional<String> longJob() throws FaultException {
    return withDomain(Call.READ_JOB, domain -> JobStats.longJob(api, domain));
  }

  @Override
  public String xml(View view) throws FaultException {
    return withDomain(
        Call.READ_XML,
        domain -> {
          int flags = view == View.PERSISTENT ? LibvirtApi.VIR_DOMAIN_XML_INACTIVE : 0;
          CString xml = check(api, Call.READ_XML, api.virDomainGetXMLDesc(domain, flags));
          return xml.toString();
        });
  }

  @Override
  public String storagePoolXml(String pool, Duration atMost) throws FaultException {
    return pools.xml(pool, atMost);
  }

  @Override
  public void attachDevice(String deviceXml, Set<View> scope) throws FaultException {
    withDomain(
        Call.ATTACH,
        domain ->
            check(
                api, Call.ATTACH, api.virDomainAttachDeviceFlags(domain, deviceXml, flags(scope))));
  }

  @Override
  public void updateDevice(String deviceXml, Set<View> scope) throws FaultException {
    withDomain(
        Call.UPDATE,
        domain ->
            check(
                api, Call.UPDATE, api.virDomainUpdateDeviceFlags(domain, deviceXml, flags(scope))));
  }

  @Override
  public void detachDevice(String deviceXml, Set<View> scope) throws FaultException {
    withDomain(
        Call.DETACH,
        domain ->
            check(
                api, Call.DETACH, api.virDomainDetachDeviceFlags(domain, deviceXml, flags(scope))));
  }

  @Override
  public void detachDeviceByAlias(String alias, Set<View> scope) throws FaultException {
    withDomain(
        Call.DETACH,
        domain ->
            check(api, Call.DETACH, api.virDomainDetachDeviceAlias(domain, alias, flags(scope))));
  }

  @Override
  public void setLimits(String targetDev, IoTune limits, Set<View> scope) throws FaultException {
    withDomain(
        Call.SET_LIMITS,
        domain -> {
          try (TypedParameters parameters = new TypedParameters(api, Call.SET_LIMITS)) {
            for (Map.Entry<String, Long> limit : limits.numbers().entrySet()) {
              parameters.add(limit.getKey(), limit.getValue());
            }
            if (limits.groupName().isPresent()) {
              parameters.add(IoTune.GROUP_NAME, limits.groupName().get());
            }
            return check(
                api,
                Call.SET_LIMITS,
                api.virDomainSetBlockIoTune(
                    domain, targetDev, parameters.pointer(), parameters.count(), flags(scope)));
          }
        });
  }

  @Override
  public DiskSize size(String targetDev) throws FaultException {
    return withDomain(
        Call.READ_SIZE,
        domain -> {
          // struct { unsigned long long capacity, allocation, physical; }
          Memory info = new Memory(3L * Long.BYTES);
          check(api, Call.READ_SIZE, api.virDomainGetBlockInfo(domain, targetDev, info, 0));
          return new DiskSize(info.getLong(0), info.getLong(2L * Long.BYTES));
        });
  }

  @Override
  public void resize(String targetDev, long bytes) throws FaultException {
    withDomain(
        Call.RESIZE,
        domain ->
            check(
                api,
                Call.RESIZE,
                api.virDomainBlockResize(
                    domain, targetDev, bytes, LibvirtApi.VIR_DOMAIN_BLOCK_RESIZE_BYTES)));
  }

  @Override
  public void note(String namespace, @Nullable String element) throws FaultException {
    withDomain(
        Call.NOTE,
        domain ->
            check(
                api,
                Call.NOTE,
                api.virDomainSetMetadata(
                    domain,
                    LibvirtApi.VIR_DOMAIN_METADATA_ELEMENT,
                    element,
                    element == null ? null : METADATA_PREFIX,
                    namespace,
                    LibvirtApi.VIR_DOMAIN_AFFECT_LIVE)));
  }

  @Override
  public String askQemu(String command) throws FaultException {
    return withDomain(
        Call.ASK_QEMU,
        domain -> {
          PointerByReference answer = new PointerByReference();
          check(
              api,
              Call.ASK_QEMU,
              LibvirtApi.Loaded.WithQemu.LIBVIRT_QEMU.virDomainQemuMonitorCommand(
                  domain, command, answer, 0));
          Pointer text = check(api, Call.ASK_QEMU, answer.getValue());
          try {
            return text.getString(0, "UTF-8");
          } finally {
            Native.free(Pointer.nativeValue(text));
          }
        });
  }

  @Override
  public Subscription subscribe(Runnable signal) {
    return events == null ? () -> {} : events.subscribe(uuid, signal);
  }

  @Override
  public String toString() {
    return name + " (" + uuid + ")";
  }

  private static int flags(Set<View> scope) {
    if (scope.isEmpty()) {
      // No flag at all would mean "whatever the domain's state is", decided by libvirt.
      throw new IllegalArgumentException("no view to change");
    }
    return (scope.contains(View.LIVE) ? LibvirtApi.VIR_DOMAIN_AFFECT_LIVE : 0)
        | (scope.contains(View.PERSISTENT) ? LibvirtApi.VIR_DOMAIN_AFFECT_CONFIG : 0);
  }

  /** {@code virDomainState}. */
  private static RunState runState(int state) {
    return switch (state) {
      case 1 -> RunState.RUNNING;
      case 2 -> RunState.BLOCKED;
      case 3 -> RunState.PAUSED;
      case 4 -> RunState.SHUTTING_DOWN;
      case 5 -> RunState.SHUT_OFF;
      case 6 -> RunState.CRASHED;
      case 7 -> RunState.PM_SUSPENDED;
      default -> RunState.NO_STATE;
    };
  }

  private <T> T withDomain(Call call, Connections.NativeCall<DomainPointer, T> body)
      throws FaultException {
    return connections.call(
        call,
        connection -> {
          try {
            return body.apply(connection.domain(uuid));
          } catch (FaultException e) {
            connection.forget();
            throw e;
          }
        });
  }
}
