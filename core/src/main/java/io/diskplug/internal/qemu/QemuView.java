// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.qemu;

import io.diskplug.domain.Disk;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.StorageSource;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.kind.StorageKinds;
import io.diskplug.internal.model.DomainView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The third view: the devices and block nodes that QEMU really has, whatever libvirt shows.
 *
 * @param devices the ids of the devices that were plugged, which are libvirt's aliases
 * @param nodes the block nodes
 */
public record QemuView(Set<String> devices, List<QemuNode> nodes) {

  private static final String NODES =
      "{\"execute\":\"query-named-block-nodes\",\"arguments\":{\"flat\":true}}";
  private static final String DEVICES =
      "{\"execute\":\"qom-list\",\"arguments\":{\"path\":\"/machine/peripheral\"}}";

  /** How the types of the devices begin that are gone as soon as QEMU is asked to delete them. */
  private static final List<String> BUSES_WITHOUT_GUEST =
      List.of("child<scsi-", "child<ide-", "child<usb-");

  private static final String BLOCK = "{\"execute\":\"query-block\"}";
  private static final String JOBS = "{\"execute\":\"query-jobs\"}";

  /** Copies the collections. */
  public QemuView {
    devices = Set.copyOf(devices);
    nodes = List.copyOf(nodes);
  }

  /**
   * Asks QEMU.
   *
   * @param monitor its monitor
   * @param kinds the kinds whose nodes are recognized
   * @throws FaultException if it could not be asked
   * @throws UnexpectedAnswerException if the answer is not understood
   */
  public static QemuView read(Monitor monitor, StorageKinds kinds)
      throws FaultException, UnexpectedAnswerException {
    Set<String> devices = devices(monitor).keySet();
    return of(devices, QemuJson.returnedList(monitor.ask(NODES)), kinds);
  }

  /**
   * The ids of the devices that were plugged and that the guest has to release: those that are not
   * on a SCSI, IDE or USB bus.
   *
   * @param monitor the monitor to ask
   * @throws FaultException if it could not be asked
   * @throws UnexpectedAnswerException if the answer is not understood
   */
  public static Set<String> devicesOfGuest(Monitor monitor)
      throws FaultException, UnexpectedAnswerException {
    Map<String, String> types = devices(monitor);
    types.values().removeIf(type -> BUSES_WITHOUT_GUEST.stream().anyMatch(type::startsWith));
    return Set.copyOf(types.keySet());
  }

  /**
   * Whether QEMU has a device that was plugged.
   *
   * @param monitor the monitor to ask
   * @param id the id of the device, which is libvirt's alias
   * @throws FaultException if it could not be asked
   * @throws UnexpectedAnswerException if the answer is not understood
   */
  public static boolean hasDevice(Monitor monitor, String id)
      throws FaultException, UnexpectedAnswerException {
    return devices(monitor).containsKey(id);
  }

  /** The types of the devices that were plugged, by the id. */
  private static Map<String, String> devices(Monitor monitor)
      throws FaultException, UnexpectedAnswerException {
    Map<String, String> types = new TreeMap<>();
    for (Map<String, Object> child : QemuJson.returnedList(monitor.ask(DEVICES))) {
      types.put(String.valueOf(child.get("name")), String.valueOf(child.get("type")));
    }
    return types;
  }

  static QemuView of(Set<String> devices, List<Map<String, Object>> nodes, StorageKinds kinds)
      throws UnexpectedAnswerException {
    QemuNodes reader = new QemuNodes(kinds);
    List<QemuNode> read = new ArrayList<>();
    for (Map<String, Object> node : nodes) {
      read.add(reader.read(node));
    }
    return new QemuView(devices, read);
  }

  /**
   * The names of the uppermost block nodes of the devices that have one, by the device's id.
   *
   * @param monitor the monitor to ask
   * @throws FaultException if it could not be asked
   * @throws UnexpectedAnswerException if the answer is not understood
   */
  public static Map<String, String> nodesInUse(Monitor monitor)
      throws FaultException, UnexpectedAnswerException {
    Map<String, String> inUse = new TreeMap<>();
    for (Map<String, Object> entry : QemuJson.returnedList(monitor.ask(BLOCK))) {
      Map<String, Object> inserted = QemuJson.object(entry.get("inserted")).orElse(Map.of());
      String device = QemuNodes.device(entry);
      if (device != null && inserted.containsKey("node-name")) {
        inUse.put(device, String.valueOf(inserted.get("node-name")));
      }
    }
    return inUse;
  }

  /**
   * Whether a block job runs: a copy, a backup or a commit has nodes open that no view shows.
   *
   * @param monitor the monitor to ask
   * @throws FaultException if it could not be asked
   * @throws UnexpectedAnswerException if the answer is not understood
   */
  public static boolean hasJobs(Monitor monitor) throws FaultException, UnexpectedAnswerException {
    return !QemuJson.returnedList(monitor.ask(JOBS)).isEmpty();
  }

  /**
   * QEMU's words where it has not carried out a command; empty where it has.
   *
   * @param answer an answer of the monitor to a command that names nothing secret
   * @throws UnexpectedAnswerException if it is none
   */
  public static Optional<String> refusal(String answer) throws UnexpectedAnswerException {
    Map<String, Object> object = QemuJson.object(answer);
    if (object.containsKey("return")) {
      return Optional.empty();
    }
    return Optional.of(
        QemuJson.object(object.get("error"))
            .map(error -> String.valueOf(error.get("desc")))
            .orElse("no words"));
  }

  /** What the block nodes have open. */
  public List<StorageSource> sources() {
    return nodes.stream().map(QemuNode::source).filter(Objects::nonNull).toList();
  }

  /**
   * Whether QEMU has a device of this name, or has its source open.
   *
   * @param device the device's id
   * @param identity its source
   * @param live the live view, which does not have the disk. Another disk may have come to the name
   *     that libvirt made up for it, or have a source of the same name in another cluster: what
   *     QEMU has for that one is another's.
   */
  public boolean holds(String device, SourceIdentity identity, @Nullable DomainView live) {
    boolean isAnothers =
        live != null && live.holders().stream().anyMatch(holder -> device.equals(holder.alias()));
    return (devices.contains(device) && !isAnothers)
        || sources().stream().filter(identity::names).count() > explained(identity, live);
  }

  /** How often the disks have a source of this name, as a layer below another one, too. */
  public static long explained(SourceIdentity identity, @Nullable DomainView live) {
    return live == null
        ? 0
        : live.disks().stream().flatMap(Disk::layers).filter(identity::names).count();
  }

  /** The nodes that have a source open and those on top of them, the uppermost first. */
  public List<QemuNode> stackOn(SourceIdentity identity) {
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
