// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.disk.IoTune;
import io.diskplug.domain.View;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.ChangeOutcome;
import io.diskplug.outcome.Changed;
import io.diskplug.outcome.Inspected;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Any limits after any others, of disks that share them or do not, on the lab: what LimitProperties
 * asks of the simulator.
 */
class LimitSequencesIT {

  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final long SEED = 20_260_127;
  private static final int RUNNING = 40;
  private static final int SHUT_OFF = 12;
  private static final int STARTED_AGAIN = 12;

  private final Lab lab = Lab.current();
  private final LimitSequence sequence = new LimitSequence(SEED, 3);
  private List<FileDisk> disks = List.of();

  @Test
  void areInForceAfterEachSetting() {
    try (Guest guest = Guest.boot(lab, "pc");
        DiskPlug plug = DiskPlug.connect(lab.uri())) {
      disks = Stream.generate(() -> LabDisks.file(lab, 1 << 20)).limit(3).toList();
      for (FileDisk disk : disks) {
        assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);
      }
      set(RUNNING, plug, guest, List.of(View.LIVE, View.PERSISTENT));
      guest.destroy();
      set(SHUT_OFF, plug, guest, List.of(View.PERSISTENT));
      guest.start();
      isInForce("the start", guest, List.of(View.LIVE, View.PERSISTENT));
      set(STARTED_AGAIN, plug, guest, List.of(View.LIVE, View.PERSISTENT));
    }
  }

  private void set(int times, DiskPlug plug, Guest guest, List<View> views) {
    for (int i = 0; i < times; i++) {
      int disk = sequence.disk();
      IoTune tune = sequence.draw();
      String what = "setting " + i + " of " + disk + ", " + tune;
      sequence.limited(disk, tune);
      assertThat(limit(plug, guest, disk, tune)).as(what).isInstanceOf(Changed.class);
      assertThat(limit(plug, guest, disk, tune))
          .as("again: " + what)
          .isInstanceOfSatisfying(Changed.class, again -> assertThat(again.changed()).isFalse());
      isInForce(what, guest, views);
      assertThat(plug.inspect(guest.ref(), DEADLINE))
          .isInstanceOfSatisfying(
              Inspected.class,
              inspected ->
                  assertThat(inspected.disks())
                      .as(what)
                      .allSatisfy(report -> assertThat(report.differences()).isEmpty()));
    }
  }

  private ChangeOutcome limit(DiskPlug plug, Guest guest, int disk, IoTune tune) {
    return plug.limit(guest.ref(), disks.get(disk).volume(), tune, DEADLINE);
  }

  private void isInForce(String after, Guest guest, List<View> views) {
    for (int i = 0; i < disks.size(); i++) {
      Map<String, String> expected = sequence.inForce(i);
      String id = disks.get(i).volumeId();
      for (View view : views) {
        assertThat(LimitSequence.meant(guest.diskWithSerial(view, id).orElseThrow().ioTune()))
            .as("disk %s of the %s view after %s", i, view, after)
            .isEqualTo(expected);
      }
      if (views.contains(View.LIVE)) {
        assertThat(inQemu(guest, id, expected)).as("QEMU after %s", after).isEqualTo(expected);
      }
    }
  }

  /** What QEMU does: libvirt asks it for this. */
  private Map<String, String> inQemu(Guest guest, String id, Map<String, String> expected) {
    String target = guest.diskWithSerial(View.LIVE, id).orElseThrow().targetDev();
    Map<String, String> values = new HashMap<>();
    lab.virsh("blkdeviotune", guest.name(), target, "--live")
        .lines()
        .map(line -> line.split(":", 2))
        .filter(words -> words.length == 2)
        .forEach(words -> values.put(words[0].strip(), words[1].strip()));
    // A disk that shares its limits with no other is a group of its own, by a name of QEMU's.
    if (Optional.ofNullable(expected.get(IoTune.GROUP_NAME)).isEmpty()) {
      values.remove(IoTune.GROUP_NAME);
    }
    return LimitSequence.meant(values);
  }
}
