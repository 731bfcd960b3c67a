// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import io.diskplug.disk.IoLimit;
import io.diskplug.disk.IoTune;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Random limits of a few disks of one domain, and what must be in force after each setting. */
public final class LimitSequence {

  private static final List<Long> RATES = List.of(0L, 0L, 1000L, 1_000_000L, 7_000_000L);
  private static final List<Integer> LENGTHS = List.of(0, 0, 1, 2, 60);
  private static final List<String> GROUPS = List.of("", "", "one", "<&\"two\"'>");

  private final Random random;
  private final IoTune[] inForce;

  /**
   * @param seed of what is drawn
   * @param disks how many disks there are, none of them limited
   */
  public LimitSequence(long seed, int disks) {
    this.random = new Random(seed);
    this.inForce = new IoTune[disks];
    for (int i = 0; i < disks; i++) {
      inForce[i] = IoTune.UNLIMITED;
    }
  }

  /** The disk to limit next. */
  public int disk() {
    return random.nextInt(inForce.length);
  }

  /** Any limits. */
  public IoTune draw() {
    if (random.nextInt(10) == 0) {
      return IoTune.UNLIMITED;
    }
    IoTune tune =
        random.nextBoolean()
            ? IoTune.UNLIMITED.withTotalBytes(limit())
            : IoTune.UNLIMITED.withReadBytes(limit()).withWriteBytes(limit());
    tune =
        random.nextBoolean()
            ? tune.withTotalIops(limit())
            : tune.withReadIops(limit()).withWriteIops(limit());
    boolean operations =
        tune.totalIops().isLimited() || tune.readIops().isLimited() || tune.writeIops().isLimited();
    if (operations && random.nextBoolean()) {
      tune = tune.withSizeIopsSec(4096L << random.nextInt(3));
    }
    String group = GROUPS.get(random.nextInt(GROUPS.size()));
    return group.isEmpty() || tune.equals(IoTune.UNLIMITED) ? tune : tune.withGroupName(group);
  }

  private IoLimit limit() {
    long rate = RATES.get(random.nextInt(RATES.size()));
    return rate == 0 || random.nextBoolean()
        ? IoLimit.of(rate)
        : IoLimit.of(rate)
            .withBurst(
                rate * (1 + random.nextInt(3)),
                Duration.ofSeconds(LENGTHS.get(random.nextInt(LENGTHS.size()))));
  }

  /** The disk was limited: it and those of its group have these limits. */
  public void limited(int disk, IoTune tune) {
    inForce[disk] = tune;
    for (int other = 0; other < inForce.length; other++) {
      if (tune.groupName().isPresent() && inForce[other].groupName().equals(tune.groupName())) {
        inForce[other] = tune;
      }
    }
  }

  /** What must be in force of a disk. */
  public Map<String, String> inForce(int disk) {
    Map<String, String> shown = new HashMap<>();
    inForce[disk].numbers().forEach((name, number) -> shown.put(name, number.toString()));
    inForce[disk].groupName().ifPresent(group -> shown.put(IoTune.GROUP_NAME, group));
    return meant(shown);
  }

  /** What a view's values mean to QEMU, whose bursts are of one second by default. */
  public static Map<String, String> meant(Map<String, String> shown) {
    Map<String, String> meant = new HashMap<>();
    shown.forEach(
        (name, value) -> {
          boolean usual =
              !name.equals(IoTune.GROUP_NAME)
                  && (value.equals("0") || (name.endsWith("_length") && value.equals("1")));
          if (!usual) {
            meant.put(name, value);
          }
        });
    return meant;
  }
}
