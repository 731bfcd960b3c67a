// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import java.time.Duration;
import java.util.Optional;

/**
 * How often the same was tried in vain, since when, and what can be done about it. This request and
 * those before it are counted together, of this process; of an unplug, what other processes have
 * noted in the domain is counted, too.
 *
 * @param times how often it was tried or looked for; at least 1
 * @param since how long ago the first of these was; by the clocks of two hosts if another process
 *     has made it, and then for information only
 * @param lastAnswer what libvirt or QEMU answered last, if there was an answer but "accepted"
 * @param advice what an operator can do
 */
public record Attempts(int times, Duration since, Optional<String> lastAnswer, String advice) {

  /** In plain words. */
  @Override
  public String toString() {
    return "tried "
        + (times == 1 ? "once" : times + " times")
        + ", first "
        + ago(since)
        + " ago"
        + lastAnswer.map(answer -> "; last answer: " + answer).orElse("")
        + "; what helps: "
        + advice;
  }

  private static String ago(Duration since) {
    if (since.toMinutes() == 0) {
      return since.toSeconds() + " s";
    }
    return since.toHours() == 0
        ? since.toMinutes() + " min"
        : since.toHours() + " h " + since.toMinutesPart() + " min";
  }
}
