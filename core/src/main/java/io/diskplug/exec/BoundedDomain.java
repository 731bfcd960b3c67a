// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.fault.FaultException;
import io.diskplug.spi.DomainHandle;
import io.diskplug.spi.DomainHandle.Subscription;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;

/** A domain whose calls end at the deadline of a request, one way or the other. */
final class BoundedDomain {

  private static final String EVENTS = "events";

  private final DomainHandle domain;
  private final BoundedCalls calls;
  private final Deadline deadline;

  BoundedDomain(DomainHandle domain, BoundedCalls calls, Deadline deadline) {
    this.domain = domain;
    this.calls = calls;
    this.deadline = deadline;
  }

  DomainStatus status() throws FaultException, CallUnfinishedException, InterruptedException {
    return call(Call.READ_STATUS, domain::status);
  }

  String xml(View view) throws FaultException, CallUnfinishedException, InterruptedException {
    return call(Call.READ_XML, () -> domain.xml(view));
  }

  void attachDevice(String xml, Set<View> scope)
      throws FaultException, CallUnfinishedException, InterruptedException {
    run(Call.ATTACH, () -> domain.attachDevice(xml, scope));
  }

  void detachDevice(String xml, Set<View> scope)
      throws FaultException, CallUnfinishedException, InterruptedException {
    run(Call.DETACH, () -> domain.detachDevice(xml, scope));
  }

  void detachDeviceByAlias(String alias, Set<View> scope)
      throws FaultException, CallUnfinishedException, InterruptedException {
    run(Call.DETACH, () -> domain.detachDeviceByAlias(alias, scope));
  }

  String askQemu(String command)
      throws FaultException, CallUnfinishedException, InterruptedException {
    return call(Call.ASK_QEMU, () -> domain.askQemu(command));
  }

  /**
   * Subscribes to the domain's events. Under a key of its own: a daemon that does not answer here
   * is no reason to leave the domain alone.
   */
  Subscription subscribe(Runnable signal)
      throws FaultException, CallUnfinishedException, InterruptedException {
    if (calls.outstanding(EVENTS).isPresent()) {
      throw new CallUnfinishedException(Call.SUBSCRIBE, false);
    }
    return calls.call(EVENTS, Call.SUBSCRIBE, deadline, () -> domain.subscribe(signal));
  }

  UUID uuid() {
    return domain.uuid();
  }

  Duration remaining() {
    return deadline.remaining();
  }

  private void run(Call call, VoidBody body)
      throws FaultException, CallUnfinishedException, InterruptedException {
    call(
        call,
        () -> {
          body.run();
          return Boolean.TRUE;
        });
  }

  private <T> T call(Call call, BoundedCalls.Body<T> body)
      throws FaultException, CallUnfinishedException, InterruptedException {
    return calls.call(domain.uuid(), call, deadline, body);
  }

  @FunctionalInterface
  private interface VoidBody {
    void run() throws FaultException;
  }
}
