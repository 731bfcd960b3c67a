// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import io.diskplug.domain.DomainRef;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.View;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.ControlState;
import io.diskplug.internal.port.DaemonFacts;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.port.KnownDomain;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The real libvirt, with somebody told before and after each call that the library makes: so that a
 * process can be ended, or the world changed, exactly between two steps of a request. Calls pass
 * unchanged.
 */
final class InterceptedHypervisor implements HypervisorPort {

  /** What the library does, as finely as the tests need it. */
  enum Operation {
    LOOKUP,
    STATUS,
    RUN,
    OCCUPIED,
    LIVE_XML,
    PERSISTENT_XML,
    ATTACH,
    UPDATE,
    DETACH,
    DETACH_BY_ALIAS,
    NOTE,
    NOTE_AWAY,
    QEMU_DEVICES,
    QEMU_NODES,
    QEMU_JOBS,
    QEMU_BLOCK,
    QEMU_DEVICE_DEL,
    QEMU_NODE_DEL;

    private static Operation ofCommand(String command) {
      if (command.contains("\"qom-list\"")) {
        return QEMU_DEVICES;
      } else if (command.contains("\"query-named-block-nodes\"")) {
        return QEMU_NODES;
      } else if (command.contains("\"query-jobs\"")) {
        return QEMU_JOBS;
      } else if (command.contains("\"query-block\"")) {
        return QEMU_BLOCK;
      } else if (command.contains("\"device_del\"")) {
        return QEMU_DEVICE_DEL;
      } else if (command.contains("\"blockdev-del\"")) {
        return QEMU_NODE_DEL;
      }
      throw new AssertionError("not a command that is known here: " + command);
    }
  }

  /** On which side of a call. */
  enum Side {
    BEFORE,
    AFTER
  }

  /**
   * A moment between two calls, for example {@code AFTER ATTACH 1}: after the first attach.
   *
   * @param side on which side of the call
   * @param operation the call
   * @param count the how manieth of this operation it is
   */
  record Moment(Side side, Operation operation, int count) {

    static Moment parse(String text) {
      String[] words = text.split(" ", -1);
      return new Moment(
          Side.valueOf(words[0]), Operation.valueOf(words[1]), Integer.parseInt(words[2]));
    }

    @Override
    public String toString() {
      return side + " " + operation + " " + count;
    }
  }

  private final HypervisorPort real;
  private final Consumer<Moment> interceptor;
  private final Map<Operation, Integer> counts = new EnumMap<>(Operation.class);

  private InterceptedHypervisor(HypervisorPort real, Consumer<Moment> interceptor) {
    this.real = real;
    this.interceptor = interceptor;
  }

  /**
   * Connects as the library itself does.
   *
   * @param interceptor told of each moment, on the thread that makes the call
   */
  static InterceptedHypervisor connect(String uri, Consumer<Moment> interceptor) {
    return new InterceptedHypervisor(ForwardingDomain.connect(uri), interceptor);
  }

  @Override
  public DomainHandle lookup(DomainRef ref) throws FaultException {
    return new InterceptedDomain(around(Operation.LOOKUP, () -> real.lookup(ref)));
  }

  @Override
  public List<KnownDomain> domains() throws FaultException {
    return real.domains();
  }

  @Override
  public void close() {
    real.close();
  }

  @Override
  public String toString() {
    return "intercepted " + real;
  }

  @FunctionalInterface
  private interface Body<T> {
    T run() throws FaultException;
  }

  private <T> T around(Operation operation, Body<T> body) throws FaultException {
    int count;
    synchronized (counts) {
      count = counts.merge(operation, 1, Integer::sum);
    }
    interceptor.accept(new Moment(Side.BEFORE, operation, count));
    try {
      return body.run();
    } finally {
      interceptor.accept(new Moment(Side.AFTER, operation, count));
    }
  }

  private final class InterceptedDomain implements DomainHandle {

    private final DomainHandle domain;

    InterceptedDomain(DomainHandle domain) {
      this.domain = domain;
    }

    @Override
    public UUID uuid() {
      return domain.uuid();
    }

    @Override
    public String name() {
      return domain.name();
    }

    @Override
    public DomainStatus status() throws FaultException {
      return around(Operation.STATUS, domain::status);
    }

    @Override
    public OptionalInt run() throws FaultException {
      return around(Operation.RUN, domain::run);
    }

    @Override
    public Optional<String> longJob() throws FaultException {
      return domain.longJob();
    }

    @Override
    public DaemonFacts daemon() {
      return domain.daemon();
    }

    @Override
    public ControlState control() throws FaultException {
      return around(Operation.OCCUPIED, domain::control);
    }

    @Override
    public List<String> targetDevs() throws FaultException {
      return domain.targetDevs();
    }

    @Override
    public String xml(View view) throws FaultException {
      return around(
          view == View.LIVE ? Operation.LIVE_XML : Operation.PERSISTENT_XML,
          () -> domain.xml(view));
    }

    @Override
    public void attachDevice(String deviceXml, Set<View> scope) throws FaultException {
      run(Operation.ATTACH, () -> domain.attachDevice(deviceXml, scope));
    }

    @Override
    public void updateDevice(String deviceXml, Set<View> scope) throws FaultException {
      run(Operation.UPDATE, () -> domain.updateDevice(deviceXml, scope));
    }

    @Override
    public void detachDevice(String deviceXml, Set<View> scope) throws FaultException {
      run(Operation.DETACH, () -> domain.detachDevice(deviceXml, scope));
    }

    @Override
    public void detachDeviceByAlias(String alias, Set<View> scope) throws FaultException {
      run(Operation.DETACH_BY_ALIAS, () -> domain.detachDeviceByAlias(alias, scope));
    }

    @Override
    public void note(String namespace, @Nullable String element) throws FaultException {
      run(
          element == null ? Operation.NOTE_AWAY : Operation.NOTE,
          () -> domain.note(namespace, element));
    }

    @Override
    public String askQemu(String command) throws FaultException {
      return around(Operation.ofCommand(command), () -> domain.askQemu(command));
    }

    @Override
    public Subscription subscribe(Runnable signal) {
      return domain.subscribe(signal);
    }

    @Override
    public String toString() {
      return domain.toString();
    }

    private void run(Operation operation, VoidBody body) throws FaultException {
      Boolean unused =
          around(
              operation,
              () -> {
                body.run();
                return Boolean.TRUE;
              });
    }
  }

  @FunctionalInterface
  private interface VoidBody {
    void run() throws FaultException;
  }
}
