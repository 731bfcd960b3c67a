// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

/** What becomes of events on their way to a client. */
public enum EventDelivery {
  /** Each arrives once, at once. */
  PROMPT,
  /** Each arrives twice. */
  DOUBLED,
  /** None arrives. */
  LOST,
  /** Each arrives when {@link SimulatedHost#deliverLateEvents()} is called. */
  LATE
}
