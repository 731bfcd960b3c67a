// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.fault.Call;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The jobs of a domain that other tools have begun: block jobs of its disks that no view shows, and
 * a long job that lets changes wait. With the host's lock held.
 */
final class SimulatedJobs {

  /** Calls that change the domain wait for a long job; those that ask do not. */
  private static final Set<Call> WAIT =
      EnumSet.of(
          Call.ATTACH,
          Call.UPDATE,
          Call.DETACH,
          Call.SET_LIMITS,
          Call.RESIZE,
          Call.NOTE,
          Call.CHANGE_QEMU);

  private final Set<String> disks = new TreeSet<>();
  private @Nullable String longJob;

  void begin(String targetDev) {
    disks.add(targetDev);
  }

  void end(String targetDev) {
    disks.remove(targetDev);
  }

  boolean isOn(String targetDev) {
    return disks.contains(targetDev);
  }

  void longJob(@Nullable String name) {
    longJob = name;
  }

  @Nullable String longJob() {
    return longJob;
  }

  /** Whether the control interface tells of such a job instead of the command for QEMU. */
  boolean hideWhetherQemuAnswers() {
    return longJob != null || !disks.isEmpty();
  }

  boolean letsWait(Call call) {
    return longJob != null && WAIT.contains(call);
  }
}
