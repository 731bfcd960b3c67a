// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import static io.diskplug.internal.fault.Condition.ACCESS_DENIED;
import static io.diskplug.internal.fault.Condition.STORAGE_UNREACHABLE;
import static io.diskplug.internal.fault.Condition.VOLUME_IN_USE;
import static io.diskplug.internal.fault.Condition.VOLUME_NOT_FOUND;
import static io.diskplug.internal.fault.Verdict.FATAL;
import static io.diskplug.internal.fault.Verdict.RETRYABLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.diskplug.domain.StorageSource;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.fault.Classification;
import io.diskplug.internal.fault.Condition;
import io.diskplug.internal.fault.FaultClassifier;
import io.diskplug.internal.fault.Verdict;
import io.diskplug.internal.kind.InstalledKinds;
import io.diskplug.internal.kind.StorageKinds;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The messages are QEMU's and libiscsi's own; most were captured from QEMU 7.2. */
class IscsiKindTest {

  private static final String BLOCKDEV_ADD =
      "internal error: unable to execute QEMU command 'blockdev-add': ";
  private static final StorageKinds INSTALLED = InstalledKinds.and(List.of());
  private static final IscsiKind KIND = new IscsiKind();

  @Test
  void itIsFoundOnTheClassPath() {
    assertThat(
            INSTALLED.objection(
                IscsiDisk.ref("pvc-1", new IscsiLun("iqn.2026-01.x:y", 1)).identity()))
        .isEmpty();
    assertThat(INSTALLED.ofDriver("iscsi")).containsInstanceOf(IscsiKind.class);
  }

  private static Classification classify(Call call, int code, String message) {
    return FaultClassifier.with(INSTALLED::condition)
        .classify(new LibvirtFault(call, code, 10, message));
  }

  @ParameterizedTest
  @MethodSource
  void whatTheDriverSaysOnAttach(String message, Condition condition, Verdict verdict) {
    assertThat(classify(Call.ATTACH, 1, message)).isEqualTo(new Classification(condition, verdict));
    // The words of another call, or of another code, are not those of the driver.
    assertThat(KIND.meaning("")).isEmpty();
    assertThat(classify(Call.DETACH, 1, message).condition()).isNotEqualTo(condition);
  }

  static Stream<Arguments> whatTheDriverSaysOnAttach() {
    return Stream.of(
        arguments(
            BLOCKDEV_ADD
                + "iSCSI: Failed to connect to LUN : SENSE KEY:ILLEGAL_REQUEST(5)"
                + " ASCQ:LOGICAL_UNIT_NOT_SUPPORTED(0x2500)",
            VOLUME_NOT_FOUND,
            FATAL),
        arguments(
            BLOCKDEV_ADD
                + "iSCSI: Failed to connect to LUN : Failed to log in to target. Status: Target not"
                + " found(515)",
            VOLUME_NOT_FOUND,
            FATAL),
        arguments(
            BLOCKDEV_ADD
                + "iSCSI: Failed to connect to LUN : Failed to log in to target. Status:"
                + " Authentication failure(513)",
            ACCESS_DENIED,
            FATAL),
        arguments(
            BLOCKDEV_ADD
                + "iSCSI: Failed to connect to LUN : Failed to log in to target. Status:"
                + " Authorization failure(514)",
            ACCESS_DENIED,
            FATAL),
        arguments(
            BLOCKDEV_ADD
                + "iSCSI: Failed to connect to LUN : iscsi_service failed with :"
                + " iscsi_service_reconnect_if_loggedin. Can not reconnect right now.",
            STORAGE_UNREACHABLE,
            RETRYABLE),
        arguments(
            BLOCKDEV_ADD
                + "iscsi_service failed with : iscsi_service_reconnect_if_loggedin. Can not"
                + " reconnect right now.",
            STORAGE_UNREACHABLE,
            RETRYABLE),
        arguments(
            BLOCKDEV_ADD
                + "iSCSI: Failed to connect to LUN : Failed to log in to target. Status: Service"
                + " unavailable(769)",
            STORAGE_UNREACHABLE,
            RETRYABLE),
        arguments(BLOCKDEV_ADD + "iSCSI: RESERVATION CONFLICT", VOLUME_IN_USE, RETRYABLE));
  }

  /** A name can contain any words. */
  @ParameterizedTest
  @EnumSource(
      value = Call.class,
      names = {"ATTACH", "UPDATE"})
  void whatIsQuotedIsNoWordOfTheDriver(Call call) {
    assertThat(classify(call, 1, "internal error: something about 'Can not reconnect right now'"))
        .isEqualTo(new Classification(Condition.OTHER, Verdict.UNKNOWN));
  }

  @ParameterizedTest
  @MethodSource
  void whatANodeHasOpen(Map<String, String> options, StorageSource source) {
    assertThat(KIND.opened("iscsi", options)).isEqualTo(source);
  }

  static Stream<Arguments> whatANodeHasOpen() {
    return Stream.of(
        arguments(
            Map.of(
                "target", "iqn.2026-01.io.diskplug:chap",
                "lun", "1",
                "portal", "127.0.0.1:21121",
                "driver", "iscsi"),
            new StorageSource("iscsi", "iqn.2026-01.io.diskplug:chap/1", null, List.of())),
        arguments(
            Map.of("target", "iqn.2026-01.io.diskplug:open"),
            new StorageSource("iscsi", "iqn.2026-01.io.diskplug:open/0", null, List.of())));
  }

  @ParameterizedTest
  @MethodSource
  void whatDoesNotTellItIsRefused(Map<String, String> options) {
    assertThatThrownBy(() -> KIND.opened("iscsi", options))
        .isInstanceOf(IllegalArgumentException.class);
  }

  static Stream<Map<String, String>> whatDoesNotTellItIsRefused() {
    return Stream.of(Map.of("lun", "1"), Map.of());
  }
}
