// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.access;

import io.diskplug.domain.StorageSource;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.fault.ErrorCode;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.model.StoragePool;
import io.diskplug.internal.xml.read.DomainXmlException;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the volumes of storage pools are that disks name, for one request. The daemon is asked for
 * the definition of each pool once, and only if a disk names one; where it has not answered, it is
 * asked again in the next round.
 */
public final class PoolNames {

  /** A domain with disks of more pools is beyond what is worth asking for. */
  private static final int MOST_POOLS = 16;

  /**
   * There is no such pool, no storage driver, or no right to ask: to ask again does not change
   * that.
   */
  private static final Set<Integer> NEVER_TOLD =
      Set.of(
          ErrorCode.NO_STORAGE_POOL,
          ErrorCode.NO_SUPPORT,
          ErrorCode.AUTH_FAILED,
          ErrorCode.ACCESS_DENIED);

  private final DomainAccess domain;
  private final Map<String, Optional<StoragePool>> pools = new HashMap<>();

  /** The pools of which the daemon has said nothing when it was asked last, and why. */
  private final Map<String, LibvirtFault> unanswered = new TreeMap<>();

  public PoolNames(DomainAccess domain) {
    this.domain = domain;
  }

  /** The pools of which the daemon has said nothing when the domain was resolved last, and why. */
  public Map<String, LibvirtFault> unanswered() {
    return unanswered;
  }

  /** The same domain, with what its volumes of pools are. */
  public Snapshot resolve(Snapshot snapshot) {
    unanswered.clear();
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
  public DomainView resolve(DomainView view) {
    if (isPlain(view)) {
      return view;
    }
    Set<String> names =
        unresolved(view).stream()
            .map(source -> pool(source.name()))
            .collect(Collectors.toCollection(TreeSet::new));
    for (String name : names) {
      if (!pools.containsKey(name)
          && !unanswered.containsKey(name)
          && pools.size() + unanswered.size() < MOST_POOLS) {
        ask(name);
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

  /**
   * A fault of this question says nothing of the domain: the storage driver can be another daemon,
   * or be missing. If the connection to the hypervisor is lost, the next call finds out.
   */
  private void ask(String name) {
    try {
      pools.put(name, Optional.of(DomainXmlReader.readPool(domain.storagePoolXml(name))));
    } catch (FaultException e) {
      if (NEVER_TOLD.contains(e.fault().code())) {
        pools.put(name, Optional.empty());
      } else {
        unanswered.put(name, e.fault());
      }
    } catch (DomainXmlException e) {
      pools.put(name, Optional.empty());
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
