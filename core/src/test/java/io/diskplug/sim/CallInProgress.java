// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import org.jspecify.annotations.Nullable;

/** A call on its way through the daemon, which may die under it, as may its caller. */
final class CallInProgress {

  private final SimulatedHost host;
  private final String client;
  private final Call call;
  private final @Nullable SimulatedDomain domain;
  private final int daemonRun;
  private final int interruptions;
  private @Nullable Error callerDied;

  CallInProgress(SimulatedHost host, String client, Call call, @Nullable SimulatedDomain domain) {
    this.host = host;
    this.client = client;
    this.call = call;
    this.domain = domain;
    this.daemonRun = host.daemonRun();
    this.interruptions = host.interruptions();
  }

  Call call() {
    return call;
  }

  /** Lets happen what is to happen now. */
  void at(Moment moment) throws FaultException {
    if (callerDied == null) {
      try {
        host.observer().at(new CallObserver.Point(client, call, moment, domain));
      } catch (Error e) {
        if (moment == Moment.BEFORE) {
          throw e;
        }
        // The daemon goes on with what it was asked for.
        callerDied = e;
      }
    }
    if (moment == Moment.BEFORE && !host.isDaemonUp()) {
      throw Refusals.daemonDown(call);
    }
    if (host.daemonRun() != daemonRun) {
      throw Refusals.connectionLost(call);
    }
  }

  /** The daemon has nothing more to do; has the caller an answer? */
  void end() throws FaultException {
    if (callerDied != null) {
      throw callerDied;
    }
    if (host.interruptions() != interruptions) {
      throw Refusals.connectionLost(call);
    }
  }

  int daemonRunAtStart() {
    return daemonRun;
  }

  boolean hasCallerDied() {
    return callerDied != null;
  }
}
