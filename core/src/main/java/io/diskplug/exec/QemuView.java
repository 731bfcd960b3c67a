// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.domain.DomainView;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.StorageSource;
import io.diskplug.domain.VolumeRef;
import io.diskplug.exec.QemuJson.UnexpectedAnswerException;
import io.diskplug.fault.FaultException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The third view: the devices and block nodes that QEMU really has, whatever libvirt shows.
 *
 * @param devices the ids of the devices that were plugged, which are libvirt's aliases
 * @param sources what the block nodes have open
 */
record QemuView(Set<String> devices, List<StorageSource> sources) {

  private static final String NODES =
      "{\"execute\":\"query-named-block-nodes\",\"arguments\":{\"flat\":true}}";
  private static final String DEVICES =
      "{\"execute\":\"qom-list\",\"arguments\":{\"path\":\"/machine/peripheral\"}}";

  static QemuView read(BoundedDomain domain) throws FaultException, UnexpectedAnswerException {
    Set<String> devices = new HashSet<>();
    for (Map<String, Object> child : QemuJson.returnedList(domain.askQemu(DEVICES))) {
      devices.add(String.valueOf(child.get("name")));
    }
    return of(devices, QemuJson.returnedList(domain.askQemu(NODES)));
  }

  static QemuView of(Set<String> devices, List<Map<String, Object>> nodes)
      throws UnexpectedAnswerException {
    List<StorageSource> sources = new ArrayList<>();
    for (Map<String, Object> node : nodes) {
      QemuNodes.source(node).ifPresent(sources::add);
    }
    return new QemuView(Set.copyOf(devices), List.copyOf(sources));
  }

  /**
   * Whether QEMU has the device of the volume, or has its source open.
   *
   * @param live the live view, which does not have the volume. A disk of it may have a source of
   *     the same name in another cluster: what QEMU has open for that one is not the volume's.
   */
  boolean holds(VolumeRef volume, @Nullable DomainView live) {
    SourceIdentity identity = volume.identity();
    if (devices.contains(identity.alias())) {
      return true;
    }
    long open = sources.stream().filter(identity::names).count();
    long explained =
        live == null
            ? 0
            : live.disks().stream().filter(disk -> identity.names(disk.source())).count();
    return open > explained;
  }
}
