// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.reason;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.internal.fault.Condition;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ReasonsTest {

  private static final Map<Condition, Unavailable.Reason> REASONS =
      Map.ofEntries(
          Map.entry(Condition.CONNECTION_LOST, Unavailable.Reason.CONNECTION_LOST),
          Map.entry(Condition.DOMAIN_BUSY, Unavailable.Reason.DOMAIN_BUSY),
          Map.entry(Condition.BLOCK_JOB_RUNNING, Unavailable.Reason.DOMAIN_BUSY),
          Map.entry(Condition.STORAGE_UNREACHABLE, Unavailable.Reason.STORAGE_UNREACHABLE),
          Map.entry(Condition.VOLUME_IN_USE, Unavailable.Reason.VOLUME_IN_USE),
          Map.entry(Condition.UNPLUG_IN_PROGRESS, Unavailable.Reason.UNPLUG_IN_PROGRESS),
          Map.entry(Condition.GUEST_SUSPENDED, Unavailable.Reason.DOMAIN_BUSY),
          Map.entry(Condition.DOMAIN_NOT_RUNNING, Unavailable.Reason.DOMAIN_CHANGING),
          Map.entry(Condition.DOMAIN_TRANSIENT, Unavailable.Reason.DOMAIN_CHANGING),
          Map.entry(Condition.QEMU_GONE, Unavailable.Reason.DOMAIN_CHANGING));

  @ParameterizedTest
  @EnumSource(Condition.class)
  void whatPassesIsToldByItsReasonAndTheRestAsAFault(Condition condition) {
    assertThat(Reasons.reason(condition))
        .isEqualTo(REASONS.getOrDefault(condition, Unavailable.Reason.FAULT));
  }

  @ParameterizedTest
  @CsvSource({
    "DOMAIN_NOT_FOUND, DOMAIN_NOT_FOUND",
    "VOLUME_NOT_FOUND, VOLUME_NOT_FOUND",
    "ACCESS_DENIED, ACCESS_DENIED",
    "SECRET_MISSING, ACCESS_DENIED",
    "NOT_PERMITTED, ACCESS_DENIED",
    "VOLUME_IN_USE, CONFLICT",
    "ALIAS_TAKEN, CONFLICT",
    "NO_ROOM, NO_ROOM",
    "HOST_INCOMPLETE, HOST_INCOMPLETE",
    "DAEMON_INCOMPLETE, HOST_INCOMPLETE"
  })
  void whatDoesNotPassIsToldByItsReason(Condition condition, Rejected.Reason reason) {
    assertThat(Reasons.rejection(condition)).isEqualTo(reason);
  }

  /** Whatever else a user's classifier calls fatal. */
  @ParameterizedTest
  @EnumSource(Condition.class)
  void theRestIsABadRequest(Condition condition) {
    Set<Condition> told =
        EnumSet.of(
            Condition.DOMAIN_NOT_FOUND,
            Condition.VOLUME_NOT_FOUND,
            Condition.ACCESS_DENIED,
            Condition.SECRET_MISSING,
            Condition.NOT_PERMITTED,
            Condition.VOLUME_IN_USE,
            Condition.ALIAS_TAKEN,
            Condition.NO_ROOM,
            Condition.HOST_INCOMPLETE,
            Condition.DAEMON_INCOMPLETE);

    assertThat(Reasons.rejection(condition) == Rejected.Reason.BAD_REQUEST)
        .isEqualTo(!told.contains(condition));
  }
}
