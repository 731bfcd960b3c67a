// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static io.diskplug.conformance.Subject.IN_LIVE;
import static io.diskplug.domain.View.LIVE;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What unplug requests do to the slots of each other. */
public abstract class OneUnplugConformance extends ConformanceSuite {

  /** A second ejection comes within a second. */
  private static final Duration LATER = Duration.ofSeconds(3);

  private static void ask(Subject subject, DiskElement disk) throws Exception {
    subject.handle().detachDeviceByAlias(disk.alias(), IN_LIVE);
  }

  /** The next unplug is requested when the one before has come to its end. */
  @Test
  void aDiskInAFreedSlotStaysWhileTheGuestReleasesTheNextOne() throws Exception {
    Subject pc = pc();
    DiskElement first = disk("vdb").alias(alias()).at(0, 0x10);
    DiskElement next = disk("vdc").alias(alias()).at(0, 0x11);
    DiskElement theirs = disk("vdd").alias(alias()).at(0, 0x10);
    pc.attachSeen(first, IN_LIVE);
    pc.attachSeen(next, IN_LIVE);

    ask(pc, first);
    pc.awaitNotLive("vdb");
    ask(pc, next);
    pc.attach(theirs, IN_LIVE);
    pc.awaitNotLive("vdc");
    bed().pass(LATER);

    assertThat(pc.find(LIVE, "vdd")).isPresent();
    pc.awaitSeen(theirs.serial());
  }
}
