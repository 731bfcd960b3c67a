// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.engine;

import java.time.Duration;

/** What follows a round of a request. */
public sealed interface Step<O> {

  /**
   * The request has come to an end.
   *
   * @param outcome its outcome
   */
  record Done<O>(O outcome) implements Step<O> {}

  /** Another round at once, in the same turn of the lane. */
  record Again<O>() implements Step<O> {}

  /**
   * Another round when something happened, or after a while; the lane is free meanwhile.
   *
   * @param signal what ends the wait early
   * @param atMost how long to wait at most
   */
  record Wait<O>(Signal signal, Duration atMost) implements Step<O> {}
}
