// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.engine;

import io.diskplug.fault.Call;
import java.time.Duration;
import java.util.Optional;

/**
 * What a job does: advanced in rounds by one thread at a time, it never waits by itself.
 *
 * @param <O> the outcomes it can come to
 */
public interface Task<O> extends AutoCloseable {

  /** Looks, decides, and makes at most one change. */
  Step<O> round();

  /** Whether a call that changes the domain was made, whatever it returned. */
  boolean changed();

  /** The outcome when the deadline has passed between two calls. */
  O deadlinePassed();

  /** The outcome when a call has not returned before the deadline, or for its patience. */
  O unfinished(Call call);

  /** How long a call may take before the request is answered without it; empty: to the deadline. */
  default Optional<Duration> patience(Call call) {
    return Optional.empty();
  }

  /** The outcome that it has come to already, while it goes on with something else. */
  default Optional<O> inHand() {
    return Optional.empty();
  }

  /** The outcome when its caller does not wait any more. */
  O interrupted();

  /** The outcome when the library is closed. */
  O closed();

  /** Gives back what it holds, and is advanced no more. */
  @Override
  void close();
}
