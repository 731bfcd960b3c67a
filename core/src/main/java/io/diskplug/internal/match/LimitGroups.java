// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.match;

import io.diskplug.disk.IoTune;
import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.internal.xml.write.IoTuneXml;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The disks of a domain that share their limits. libvirt plugs a disk into a group only with the
 * limits of the group's other disks, value by value ({@code
 * qemuValidateDomainDeviceDefDiskBlkdeviotune}): a length of 1 that {@code virDomainSetBlockIoTune}
 * has left there is one of them.
 */
public final class LimitGroups {

  private static final String LENGTH = "_max_length";
  private static final String LENGTH_LEFT = "1";

  private static final List<String> LIMITS =
      List.of(
          "total_bytes_sec",
          "read_bytes_sec",
          "write_bytes_sec",
          "total_iops_sec",
          "read_iops_sec",
          "write_iops_sec");

  private LimitGroups() {}

  /**
   * What keeps a disk from being plugged with its limits.
   *
   * @param views the domain
   * @param missing the views that the disk is to be plugged into
   * @param wanted the disk
   */
  public static Optional<String> obstacle(DomainViews views, Set<View> missing, Disk wanted) {
    if (!wanted.ioTune().containsKey(IoTune.GROUP_NAME)) {
      return Optional.empty();
    }
    String group = wanted.ioTune().get(IoTune.GROUP_NAME);
    List<Disk> members = members(views, missing, group).toList();
    Map<String, String> limits = NormalForm.ioTune(wanted.ioTune());
    for (Disk member : members) {
      if (!limits.equals(NormalForm.ioTune(member.ioTune()))) {
        return Optional.of(
            member.targetDev()
                + " is in the same group, with other limits: "
                + member.ioTune()
                + "; libvirt takes no disk with limits other than the group's");
      }
    }
    return members.stream().map(Disk::ioTune).distinct().count() > 1
        ? Optional.of(
            "libvirt writes the limits of the group "
                + group
                + " in two ways in the two views, and takes a disk into one of them only: take all"
                + " of the group's disks out of it, and then into it again")
        : Optional.empty();
  }

  /**
   * Writes limits as libvirt shows them for the disks of their group.
   *
   * @param views the domain
   * @param missing the views that the disk is to be plugged into
   * @param limits what is sent to libvirt
   */
  public static void spell(DomainViews views, Set<View> missing, @Nullable IoTuneXml limits) {
    if (limits == null || limits.groupName == null) {
      return;
    }
    members(views, missing, limits.groupName)
        .findFirst()
        .ifPresent(
            member -> {
              Map<String, String> shown = member.ioTune();
              limits.totalBytesSecMaxLength =
                  length(limits.totalBytesSecMaxLength, shown, "total_bytes_sec");
              limits.readBytesSecMaxLength =
                  length(limits.readBytesSecMaxLength, shown, "read_bytes_sec");
              limits.writeBytesSecMaxLength =
                  length(limits.writeBytesSecMaxLength, shown, "write_bytes_sec");
              limits.totalIopsSecMaxLength =
                  length(limits.totalIopsSecMaxLength, shown, "total_iops_sec");
              limits.readIopsSecMaxLength =
                  length(limits.readIopsSecMaxLength, shown, "read_iops_sec");
              limits.writeIopsSecMaxLength =
                  length(limits.writeIopsSecMaxLength, shown, "write_iops_sec");
            });
  }

  /**
   * Writes the limits of a disk of one view as libvirt shows them for the disks of its group in the
   * other view.
   *
   * @param views the domain
   * @param to the view that the disk is to be plugged into
   * @param element the disk as the other view has it
   */
  public static String spell(DomainViews views, View to, String element) {
    Map<String, String> limits = DomainXmlReader.readDisk(element).ioTune();
    String group = limits.get(IoTune.GROUP_NAME);
    if (group == null || NormalForm.ioTune(limits).size() == 1) {
      return element;
    }
    Optional<Disk> member = members(views, Set.of(to), group).findFirst();
    if (member.isEmpty()) {
      return element;
    }
    Set<String> without = new TreeSet<>();
    Map<String, Long> add = new TreeMap<>();
    for (String limit : LIMITS) {
      String wanted = limits.get(limit + LENGTH);
      if (wanted == null || wanted.equals(LENGTH_LEFT)) {
        without.add(limit + LENGTH);
        Long length = length(null, member.get().ioTune(), limit);
        if (length != null) {
          add.put(limit + LENGTH, length);
        }
      }
    }
    return DomainXmlReader.withIoTune(element, without, add);
  }

  /** One second, which is QEMU's own choice, is written where the group has it, and only there. */
  private static @Nullable Long length(
      @Nullable Long wanted, Map<String, String> shown, String limit) {
    if (wanted != null && wanted > 1) {
      return wanted;
    }
    return LENGTH_LEFT.equals(shown.get(limit + LENGTH)) ? 1L : null;
  }

  private static Stream<Disk> members(
      DomainViews views, Set<View> missing, @Nullable String group) {
    return views.present().stream()
        .filter(view -> missing.contains(view.view()))
        .flatMap(view -> view.disks().stream())
        .filter(disk -> Objects.equals(group, disk.ioTune().get(IoTune.GROUP_NAME)));
  }
}
