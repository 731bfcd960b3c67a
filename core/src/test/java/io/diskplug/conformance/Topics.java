// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;

/**
 * A part of the conformance suite: the cases of some topics, which run where {@link #machines()}
 * says. The suite has parts so that the lab can run them beside each other. What a daemon that dies
 * does is in {@link DaemonDeathConformance}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class Topics {

  /** Where the cases run. */
  protected abstract Machines machines();

  @AfterAll
  void close() {
    machines().close();
  }
}
