// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What can be seen of a domain whose XML the daemon does not give, because it works on the domain
 * for another call or waits for its QEMU (libvirt 11 and later: reading takes a job). Nothing was
 * changed. It proves nothing of any volume: a request on the domain waits, and answers that it is
 * busy.
 *
 * @param targetDevs the target devs of the live view; empty if the daemon does not tell them
 * @param whyNotRead why the XML was not read
 * @param observed what was read: the status above all
 */
public record PartlyInspected(
    Optional<List<String>> targetDevs, String whyNotRead, Observation observed)
    implements InspectOutcome {

  /** Copies the list. */
  public PartlyInspected {
    targetDevs = targetDevs.map(List::copyOf);
  }

  @Override
  public Kind kind() {
    return Kind.RETRY;
  }

  @Override
  public Optional<Duration> retryAfter() {
    return Optional.of(Indeterminate.RETRY_AFTER);
  }
}
