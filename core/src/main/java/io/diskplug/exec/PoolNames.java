// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.domain.DomainView;
import io.diskplug.domain.DomainViews;
import io.diskplug.domain.DomainXmlException;
import io.diskplug.domain.DomainXmlReader;
import io.diskplug.domain.StoragePool;
import io.diskplug.domain.StorageSource;
import io.diskplug.fault.Condition;
import io.diskplug.fault.FaultClassifier;
import io.diskplug.fault.FaultException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the volumes of storage pools are that disks name, for one request. The daemon is asked for
 * the definition of each pool once, and only if a disk names one; a pool that it does not tell of
 * stays unresolved for this request.
 */
final class PoolNames {

  /** A domain with disks of more pools is beyond what is worth asking for. */
  private static final int MOST_POOLS = 16;

  private final BoundedDomain domain;
  private final FaultClassifier classifier;
  private final Map<String, Optional<StoragePool>> pools = new HashMap<>();

  PoolNames(BoundedDomain domain, FaultClassifier classifier) {
    this.domain = domain;
    this.classifier = classifier;
  }

  /**
   * The same domain, with what its volumes of pools are.
   *
   * @throws FaultException if the connection was lost
   */
  Snapshot resolve(Snapshot snapshot) throws FaultException {
    DomainView live = snapshot.views().live();
    DomainView persistent = snapshot.views().persistent();
    return isPlain(live) && isPlain(persistent)
        ? snapshot
        : snapshot.with(
            new DomainViews(
                live == null ? null : resolve(live),
                persistent == null ? null : resolve(persistent)));
  }

  /** The same of one view. */
  DomainView resolve(DomainView view) throws FaultException {
    if (isPlain(view)) {
      return view;
    }
    Set<String> names =
        unresolved(view).stream()
            .map(source -> pool(source.name()))
            .collect(Collectors.toCollection(TreeSet::new));
    for (String name : names) {
      if (!pools.containsKey(name) && pools.size() < MOST_POOLS) {
        pools.put(name, ask(name));
      }
    }
    return view.withSources(this::resolve);
  }

  private StorageSource resolve(StorageSource source) {
    if (!source.isUnresolved()) {
      return source;
    }
    String name = source.name();
    return pools
        .getOrDefault(pool(name), Optional.empty())
        .flatMap(pool -> pool.volume(name.substring(pool(name).length() + 1)))
        .map(source::resolvedTo)
        .orElse(source);
  }

  private Optional<StoragePool> ask(String name) throws FaultException {
    try {
      return Optional.of(DomainXmlReader.readPool(domain.storagePoolXml(name)));
    } catch (FaultException e) {
      if (classifier.classify(e.fault()).condition() == Condition.CONNECTION_LOST) {
        throw e;
      }
      return Optional.empty();
    } catch (DomainXmlException e) {
      return Optional.empty();
    }
  }

  private static boolean isPlain(@Nullable DomainView view) {
    return view == null || unresolved(view).isEmpty();
  }

  private static List<StorageSource> unresolved(DomainView view) {
    return view.disks().stream()
        .flatMap(disk -> disk.layers())
        .filter(StorageSource::isUnresolved)
        .toList();
  }

  /** libvirt takes no slash in the name of a pool. */
  private static String pool(String name) {
    return name.split("/", 2)[0];
  }
}
