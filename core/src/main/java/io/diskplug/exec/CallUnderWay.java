// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.fault.Call;
import java.time.Duration;

/**
 * A call that was sent and has not returned.
 *
 * @param call what was called
 * @param sinceNanos when, by the scheduler's clock
 */
record CallUnderWay(Call call, long sinceNanos) {

  Duration since(Scheduler scheduler) {
    return Duration.ofNanos(scheduler.nanoTime() - sinceNanos);
  }

  String describe(Scheduler scheduler) {
    return "an earlier " + call + " has not returned for " + since(scheduler).toMillis() + " ms";
  }
}
