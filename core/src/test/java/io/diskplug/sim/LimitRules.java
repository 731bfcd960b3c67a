// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.disk.IoTune;
import io.diskplug.internal.fault.FaultException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What libvirt 9.0 makes of the limits of a disk. */
final class LimitRules {

  private static final String LENGTH = "_max_length";

  private LimitRules() {}

  /**
   * Sets limits, all of which are named ({@code qemuDomainSetBlockIoTune}).
   *
   * @param view the view to change
   * @param disk the disk, as the view has it
   * @param limits the limits
   * @param lookUp the group by whose limits libvirt goes where a length is taken away
   * @return the group that the disk is in now
   */
  static @Nullable String set(
      Definition view, DiskDefinition disk, IoTune limits, @Nullable String lookUp)
      throws FaultException {
    Map<String, String> old = groupOf(view, disk, lookUp);
    Map<String, String> result = new TreeMap<>();
    limits.numbers().forEach((name, number) -> result.put(name, number.toString()));
    result.replaceAll((name, number) -> lengthLeft(name, number, result, old));
    result.values().removeIf("0"::equals);
    String group = limits.groupName().orElse(old.get(IoTune.GROUP_NAME));
    if (result.isEmpty()) {
      if (group != null && !group.equals(disk.disk().ioTune().get(IoTune.GROUP_NAME))) {
        throw Refusals.groupWithoutLimits();
      }
      view.replace(disk.limitedTo(result));
      return null;
    }
    if (group == null) {
      view.replace(disk.limitedTo(result));
      return null;
    }
    result.put(IoTune.GROUP_NAME, group);
    for (DiskDefinition other : view.disks()) {
      if (other.target().equals(disk.target())
          || group.equals(other.disk().ioTune().get(IoTune.GROUP_NAME))) {
        view.replace(other.limitedTo(result));
      }
    }
    return group;
  }

  /** {@code qemuDomainFindGroupBlockIoTune}. */
  private static Map<String, String> groupOf(
      Definition view, DiskDefinition disk, @Nullable String group) {
    if (group == null || group.equals(disk.disk().ioTune().get(IoTune.GROUP_NAME))) {
      return disk.disk().ioTune();
    }
    return view.disks().stream()
        .map(other -> other.disk().ioTune())
        .filter(tune -> group.equals(tune.get(IoTune.GROUP_NAME)))
        .findFirst()
        .orElse(disk.disk().ioTune());
  }

  /** A length that was there and is taken away becomes 1 where there still is a limit. */
  private static String lengthLeft(
      String name, String number, Map<String, String> limits, Map<String, String> old) {
    if (!name.endsWith(LENGTH) || !number.equals("0") || !old.containsKey(name)) {
      return number;
    }
    String limit = name.substring(0, name.length() - LENGTH.length());
    return isZero(limits.get(limit)) && isZero(limits.get(limit + "_max")) ? "0" : "1";
  }

  private static boolean isZero(@Nullable String number) {
    return number == null || number.equals("0");
  }

  /** A disk that names its group alone gets its limits ({@code virDomainDiskExpandGroupIoTune}). */
  static DiskDefinition expanded(Definition view, DiskDefinition disk) throws FaultException {
    Map<String, String> tune = disk.disk().ioTune();
    String group = tune.get(IoTune.GROUP_NAME);
    if (group == null) {
      return disk;
    }
    for (DiskDefinition other : view.disks()) {
      Map<String, String> others = other.disk().ioTune();
      if (!group.equals(others.get(IoTune.GROUP_NAME))) {
        continue;
      }
      if (tune.size() == 1) {
        return disk.limitedTo(new TreeMap<>(others));
      }
      if (!others.equals(tune)) {
        throw Refusals.groupWithOtherLimits(disk.target(), other.target());
      }
    }
    if (tune.size() == 1) {
      throw Refusals.groupAlone();
    }
    return disk;
  }
}
