// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import java.util.concurrent.CompletableFuture;

/**
 * What an executor has to do with a request. Its outcome is there when a method returns that ends
 * it, or is about to be there. None blocks.
 *
 * @param <T> what it comes to
 */
interface RunningRequest<T> {

  /** Completed on a thread of the scheduler, or on the one that ends the request. */
  CompletableFuture<T> outcome();

  /** Begins. */
  void start();

  /** Ends the request because there are too many. */
  void turnAway();

  /** Ends the request because its caller does not wait any more. */
  void interrupt();

  /** Ends the request because the library is closed. */
  void close();
}
