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
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The third view: the devices and block nodes that QEMU really has, whatever libvirt shows.
 *
 * @param devices the ids of the devices that were plugged, which are libvirt's aliases
 * @param nodes the block nodes
 */
record QemuView(Set<String> devices, List<QemuNode> nodes) {

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
    List<QemuNode> read = new ArrayList<>();
    for (Map<String, Object> node : nodes) {
      read.add(QemuNodes.read(node));
    }
    return new QemuView(Set.copyOf(devices), List.copyOf(read));
  }

  /** What the block nodes have open. */
  List<StorageSource> sources() {
    return nodes.stream().map(QemuNode::source).filter(Objects::nonNull).toList();
  }

  /**
   * Whether QEMU has the device of the volume, or has its source open.
   *
   * @param live the live view, which does not have the volume. A disk of it may have a source of
   *     the same name in another cluster: what QEMU has open for that one is not the volume's.
   */
  boolean holds(VolumeRef volume, @Nullable DomainView live) {
    SourceIdentity identity = volume.identity();
    return devices.contains(identity.alias())
        || sources().stream().filter(identity::names).count() > explained(identity, live);
  }

  /** How many disks have a source of this name. */
  static long explained(SourceIdentity identity, @Nullable DomainView live) {
    return live == null
        ? 0
        : live.disks().stream().filter(disk -> identity.names(disk.source())).count();
  }

  /** The nodes that have a source open and those on top of them, the uppermost first. */
  List<QemuNode> stackOn(SourceIdentity identity) {
    List<QemuNode> upper = new ArrayList<>();
    List<QemuNode> storage = new ArrayList<>();
    for (QemuNode node : nodes) {
      if (node.source() != null && identity.names(node.source())) {
        storage.add(node);
      }
    }
    for (QemuNode node : nodes) {
      if (node.source() == null
          && storage.stream().anyMatch(below -> below.file().equals(node.file()))) {
        upper.add(node);
      }
    }
    upper.addAll(storage);
    return upper;
  }
}
