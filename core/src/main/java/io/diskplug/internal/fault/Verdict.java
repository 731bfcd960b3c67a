// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

/** What a fault says about trying again. */
public enum Verdict {
  /** The same call may succeed later, without anything else changing. */
  RETRYABLE,
  /** What was asked for may be the case already: read the state again. */
  ALREADY_DONE,
  /** The same call will fail until something changes. */
  FATAL,
  /** Nothing can be said: read the state again, and do not conclude. */
  UNKNOWN
}
