// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.engine;

import io.diskplug.fault.Call;
import java.time.Duration;

/**
 * A call that was sent and has not returned.
 *
 * @param call what was called
 * @param sinceNanos when, by the scheduler's clock
 */
public record CallUnderWay(Call call, long sinceNanos) {

  Duration since(Scheduler scheduler) {
    return Duration.ofNanos(scheduler.nanoTime() - sinceNanos);
  }

  public String describe(Scheduler scheduler) {
    return "an earlier " + call + " has not returned for " + since(scheduler).toMillis() + " ms";
  }
}
