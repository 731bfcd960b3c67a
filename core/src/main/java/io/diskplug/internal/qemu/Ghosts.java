// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.qemu;

import io.diskplug.domain.Disk;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.StorageSource;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.Holder;
import io.diskplug.outcome.Ghost;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds what looks like a ghost. One look proves nothing: a device may be on its way in or out.
 *
 * <p>libvirt names the nodes of each layer of each disk with a number of their own ({@code
 * qemuDomainPrepareStorageSourceBlockdev}), and its live XML shows the number ({@code <source
 * index='4'>}). What has a number that the XML does not show, and more sources open than the XML
 * shows, belongs to no disk. Nodes with other names are not libvirt's and are passed over:
 * firmware, host devices, exports.
 */
public final class Ghosts {

  private static final Pattern NODE = Pattern.compile("libvirt-(\\d{1,9})-.+");

  private final QemuView qemu;
  private final DomainView live;
  private final Set<Integer> shown;
  private final Set<String> aliases = new HashSet<>();

  private Ghosts(QemuView qemu, DomainView live, Set<Integer> shown) {
    this.qemu = qemu;
    this.live = live;
    this.shown = shown;
    live.holders().stream().map(Holder::alias).filter(Objects::nonNull).forEach(aliases::add);
  }

  /**
   * What QEMU has of disks and the live view does not explain.
   *
   * @param qemu what QEMU has
   * @param nodesInUse the uppermost node of each device, as {@link QemuView#nodesInUse} tells
   * @param live the live view
   * @param shown the numbers of block nodes that the live XML shows
   */
  public static List<Ghost> find(
      QemuView qemu, Map<String, String> nodesInUse, DomainView live, Set<Integer> shown) {
    return new Ghosts(qemu, live, shown).find(nodesInUse);
  }

  private List<Ghost> find(Map<String, String> nodesInUse) {
    List<Ghost> ghosts = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    Set<String> devices = new TreeSet<>();
    nodesInUse.keySet().stream()
        // Without an id it was not plugged: a floppy drive, the firmware.
        .filter(id -> !id.startsWith("/"))
        .forEach(devices::add);
    // A device whose medium is gone is still one, and by its alias it is ours.
    qemu.devices().stream().filter(SourceIdentity::isOwnAlias).forEach(devices::add);
    devices.removeAll(aliases);
    for (String device : devices) {
      Integer number = number(nodesInUse.get(device));
      if (number == null && !SourceIdentity.isOwnAlias(device)) {
        // On a node that libvirt did not name: plugged in past libvirt.
        continue;
      }
      List<QemuNode> stack = number == null || shown.contains(number) ? List.of() : stack(number);
      stack.forEach(node -> taken.add(node.name()));
      ghosts.add(ghost(Optional.of(device), stack));
    }
    // A node that a device of the live view has is in use, whatever its number.
    nodesInUse.forEach((device, node) -> addStack(node, taken));
    Map<Integer, List<QemuNode>> others = new TreeMap<>();
    for (QemuNode node : qemu.nodes()) {
      Integer number = number(node.name());
      if (number != null && !shown.contains(number) && !taken.contains(node.name())) {
        others.computeIfAbsent(number, this::stack);
      }
    }
    others.values().stream()
        .filter(this::isMoreThanShown)
        .map(stack -> ghost(Optional.empty(), stack))
        .forEach(ghosts::add);
    return List.copyOf(ghosts);
  }

  private void addStack(String node, Set<String> names) {
    Integer number = number(node);
    if (number != null) {
      stack(number).forEach(part -> names.add(part.name()));
    }
  }

  /** The nodes of one layer, those on top first. */
  private List<QemuNode> stack(int number) {
    List<QemuNode> all =
        qemu.nodes().stream().filter(node -> Objects.equals(number(node.name()), number)).toList();
    return Stream.concat(
            all.stream().filter(node -> node.source() == null),
            all.stream().filter(node -> node.source() != null))
        .toList();
  }

  private static Ghost ghost(Optional<String> device, List<QemuNode> stack) {
    return new Ghost(
        device,
        stack.stream().map(QemuNode::name).toList(),
        stack.stream().map(QemuNode::source).filter(Objects::nonNull).findFirst());
  }

  /** A disk of a storage pool is shown by its name there, and without a number by old libvirts. */
  private boolean isMoreThanShown(List<QemuNode> stack) {
    if (shown.isEmpty() && !live.disks().isEmpty()) {
      return false;
    }
    List<StorageSource> sources =
        stack.stream().map(QemuNode::source).filter(Objects::nonNull).toList();
    // What cannot be told may be below a disk that the XML does not show whole.
    return !sources.isEmpty()
        && sources.stream()
            .allMatch(
                source ->
                    count(source)
                        > live.disks().stream()
                            .flatMap(Disk::layers)
                            .filter(layer -> layer.isSameAs(source))
                            .count());
  }

  private long count(StorageSource source) {
    return qemu.sources().stream().filter(other -> other.isSameAs(source)).count();
  }

  private static @Nullable Integer number(@Nullable String node) {
    Matcher matcher = NODE.matcher(node == null ? "" : node);
    return matcher.matches() ? Integer.valueOf(matcher.group(1)) : null;
  }
}
