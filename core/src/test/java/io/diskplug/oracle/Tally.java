// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What was counted and found. Safe for use by several threads. */
final class Tally {

  /** What is counted. */
  enum Count {
    DOMAINS("domains checked"),
    STARTED("of them started (paused)"),
    TRANSIENT("of these made transient"),
    FILLED("filled to the end, which is where capacity has it"),
    JOBS("running domains with a copy or a backup of a disk"),
    ASKED_FIRST("asked about a first disk, on virtio or on scsi"),
    ATTACHED_FIRST("of these, attached by the library as planned"),
    REFUSED_FIRST("of these, refused by the library"),
    REFUSED_FIRST_AGREED("of these, refused by libvirt as well"),
    FALSE_REFUSALS("false refusals: libvirt takes the disk"),
    REFUSED_JOBS("copies and backups refused"),
    REFUSED_DEFINITIONS("definitions refused by libvirt"),
    REFUSED_STARTS("starts refused by QEMU"),
    DRIFT("changes of one view, or of both without an address"),
    PLACED_LIVE("placements sent to the live view (and the persistent one if there is one)"),
    PLACED_CONFIG("placements sent to the persistent view of a shut off domain"),
    LEFT_TO_LIBVIRT("of these, address on a bus that libvirt adds, and accepted"),
    NO_ROOM("answers NoRoom"),
    NO_ROOM_AGREED("NoRoom on PCI in the live view, and libvirt finds none either"),
    NO_ROOM_SCSI_AGREED("NoRoom on SCSI in the live view, and libvirt finds none either"),
    NO_ROOM_SHUT_OFF_AGREED("NoRoom while shut off, and libvirt refuses as well"),
    ASKED_AND_PLACED("addresses asked for, granted, and accepted by libvirt"),
    ASKED_AND_REFUSED("addresses asked for, refused, and refused by libvirt"),
    DISAGREEMENTS("disagreements");

    private final String text;

    Count(String text) {
      this.text = text;
    }
  }

  /** Characters of a message. */
  private static final int SHOWN = 120;

  /** The details of further disagreements are left out: one domain can be repeated alone. */
  private static final int SHOWN_IN_FULL = 10;

  private final Map<Count, LongAdder> counts = new ConcurrentHashMap<>();
  private final Map<Deviation, LongAdder> deviations = new ConcurrentHashMap<>();
  private final Map<FalseRefusal, List<String>> falseRefusals = new TreeMap<>();
  private final List<String> disagreements = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, Integer> refusals = Collections.synchronizedMap(new TreeMap<>());

  void count(Count count) {
    counts.computeIfAbsent(count, c -> new LongAdder()).increment();
  }

  int of(Count count) {
    LongAdder counted = counts.get(count);
    return counted == null ? 0 : counted.intValue();
  }

  /** Counts a refusal, and keeps what it said. */
  void refusal(Count count, String message) {
    count(count);
    String kind = message.replaceAll("[0-9a-fA-F]*\\d[0-9a-fA-F:.]*", "#");
    String start = kind.lines().findFirst().orElse("");
    refusals.merge(
        count.text + ": " + start.substring(0, Math.min(start.length(), SHOWN)), 1, Integer::sum);
  }

  /** Counts a difference that is there on purpose. */
  void deviation(Deviation deviation) {
    deviations.computeIfAbsent(deviation, d -> new LongAdder()).increment();
  }

  /**
   * Counts a disk that the library refuses and libvirt takes.
   *
   * @param reason why
   * @param title repeats it
   * @param explanation what the library said
   */
  void falseRefusal(FalseRefusal reason, String title, String explanation) {
    count(Count.FALSE_REFUSALS);
    synchronized (falseRefusals) {
      falseRefusals.computeIfAbsent(reason, r -> new ArrayList<>()).add(title + ": " + explanation);
    }
  }

  /** False refusals per hundred questions. */
  double falsePercent() {
    return 100.0 * of(Count.FALSE_REFUSALS) / Math.max(1, of(Count.ASKED_FIRST));
  }

  void disagreement(String headline, String details) {
    count(Count.DISAGREEMENTS);
    disagreements.add(headline);
    boolean inFull = disagreements.size() <= SHOWN_IN_FULL;
    System.out.println("DISAGREEMENT: " + headline + (inFull ? "\n" + details : ""));
  }

  List<String> disagreements() {
    return List.copyOf(disagreements);
  }

  @Override
  public String toString() {
    StringBuilder table = new StringBuilder();
    for (Count count : Count.values()) {
      table.append(String.format("%8d  %s%n", of(count), count.text));
    }
    new TreeMap<>(deviations)
        .forEach((kind, times) -> table.append(String.format("%8s  deviation: %s%n", times, kind)));
    synchronized (falseRefusals) {
      falseRefusals.forEach(
          (reason, all) -> {
            table.append(String.format("%8d  false refusal: %s%n", all.size(), reason));
            table.append(String.format("          · %s%n", all.get(0)));
          });
    }
    table.append(String.format("%8.2f  false refusals per hundred questions%n", falsePercent()));
    refusals.forEach((text, times) -> table.append(String.format("%8d  · %s%n", times, text)));
    return table.toString();
  }
}
