// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import org.jspecify.annotations.Nullable;

/**
 * Is told of every call while it is on its way, and may do anything then: let it fail, kill the
 * daemon or QEMU, let the guest answer, or let another client have its turn. A client that dies
 * throws an {@link Error}: its call goes on without it.
 */
@FunctionalInterface
public interface CallObserver {

  /**
   * A point on the way of a call.
   *
   * @param client the name of the connection that it came by
   * @param call what was called
   * @param moment how far it has come
   * @param domain the domain that it is about, or null for a lookup, for the list of domains and
   *     for secrets
   */
  record Point(String client, Call call, Moment moment, @Nullable SimulatedDomain domain) {}

  /**
   * A call is at this point. Called on the thread of the call, without any lock.
   *
   * @param point where it is
   * @throws FaultException what the call is to fail with: before it has an effect, or in spite of
   *     it. An attach that has not reached the live view is undone.
   */
  void at(Point point) throws FaultException;
}
