// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.coordination;

import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns of domains whose machine type the library was never tested on: once for each domain, as
 * long as this process remembers it. Safe for use by several threads.
 */
public final class ExperimentalMachines {

  private static final Logger log = LoggerFactory.getLogger("io.diskplug.request");

  /** A domain that is forgotten is warned of once more. */
  private static final int MOST_REMEMBERED = 10_000;

  /** The domain that was warned of longest ago first. Guarded by itself. */
  private final Map<UUID, Boolean> warned =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, Boolean> eldest) {
          return size() > MOST_REMEMBERED;
        }
      };

  /** No domain was seen yet. */
  ExperimentalMachines() {}

  /**
   * Takes note of a domain that was just read.
   *
   * @return what an outcome says of its machine type; empty if it is tested
   */
  public Optional<String> saw(DomainViews views) {
    DomainView view = views.present().get(0);
    Optional<String> said =
        view.machineType()
            .experimentalName()
            .map(
                name ->
                    "the machine type "
                        + name
                        + " is experimental: it was tested on no hardware and with no QEMU");
    said.filter(text -> isNew(view.uuid()))
        .ifPresent(text -> log.warn("experimental uuid={} explanation=\"{}\"", view.uuid(), text));
    return said;
  }

  private boolean isNew(UUID domain) {
    synchronized (warned) {
      return warned.putIfAbsent(domain, true) == null;
    }
  }
}
