// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static io.diskplug.internal.fault.Condition.ACCESS_DENIED;
import static io.diskplug.internal.fault.Condition.HOST_INCOMPLETE;
import static io.diskplug.internal.fault.Condition.STORAGE_NOT_CONNECTED;
import static io.diskplug.internal.fault.Condition.STORAGE_UNREACHABLE;
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

/** The messages are QEMU's own; most were captured from QEMU 7.2. */
class RbdKindTest {

  private static final String BLOCKDEV_ADD =
      "internal error: unable to execute QEMU command 'blockdev-add': ";
  private static final StorageKinds INSTALLED = InstalledKinds.and(List.of());
  private static final RbdKind KIND = new RbdKind();

  @Test
  void itIsFoundOnTheClassPath() {
    assertThat(INSTALLED.objection(RbdImage.of("c", "p", "i").identity())).isEmpty();
    assertThat(INSTALLED.ofDriver("rbd")).containsInstanceOf(RbdKind.class);
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
            BLOCKDEV_ADD + "error reading header from missing: No such file or directory",
            VOLUME_NOT_FOUND,
            FATAL),
        arguments(
            BLOCKDEV_ADD + "error opening pool nopool: No such file or directory",
            VOLUME_NOT_FOUND,
            FATAL),
        arguments(
            BLOCKDEV_ADD + "error reading header from first-light: Operation not permitted",
            ACCESS_DENIED,
            FATAL),
        arguments(
            BLOCKDEV_ADD + "error opening pool volumes: Operation not permitted",
            ACCESS_DENIED,
            FATAL),
        arguments(BLOCKDEV_ADD + "error connecting: Permission denied", ACCESS_DENIED, FATAL),
        arguments(BLOCKDEV_ADD + "error connecting: Operation not permitted", ACCESS_DENIED, FATAL),
        arguments(BLOCKDEV_ADD + "error connecting: Operation not supported", ACCESS_DENIED, FATAL),
        // A wrong key, or a monitor's name that cannot be resolved at the time.
        arguments(
            BLOCKDEV_ADD + "error connecting: Invalid argument", STORAGE_NOT_CONNECTED, RETRYABLE),
        arguments(
            BLOCKDEV_ADD + "error connecting: Connection timed out",
            STORAGE_UNREACHABLE,
            RETRYABLE),
        arguments(
            BLOCKDEV_ADD + "error connecting: No such file or directory",
            STORAGE_NOT_CONNECTED,
            RETRYABLE),
        arguments(
            BLOCKDEV_ADD + "error reading conf file /etc/ceph/ceph.conf: No such file or directory",
            HOST_INCOMPLETE,
            FATAL),
        arguments(
            BLOCKDEV_ADD
                + "error reading header from pvc: Cannot send after transport endpoint shutdown",
            STORAGE_UNREACHABLE,
            RETRYABLE));
  }

  /** A name can contain any words. */
  @ParameterizedTest
  @EnumSource(
      value = Call.class,
      names = {"ATTACH", "UPDATE"})
  void whatIsQuotedIsNoWordOfTheDriver(Call call) {
    assertThat(
            classify(
                call, 1, "internal error: something about 'error connecting: Permission denied'"))
        .isEqualTo(new Classification(Condition.OTHER, Verdict.UNKNOWN));
  }

  @ParameterizedTest
  @MethodSource
  void whatANodeHasOpen(Map<String, String> options, StorageSource source) {
    assertThat(KIND.opened("rbd", options)).isEqualTo(source);
  }

  static Stream<Arguments> whatANodeHasOpen() {
    return Stream.of(
        arguments(
            Map.of(
                "pool", "volumes",
                "image", "first-light",
                "driver", "rbd",
                "server.0.host", "127.0.0.1"),
            new StorageSource("rbd", "volumes/first-light", null, List.of())),
        arguments(
            Map.of("pool", "p", "namespace", "tenant", "image", "i", "snapshot", "s"),
            new StorageSource("rbd", "p/tenant/i", "s", List.of())),
        arguments(
            Map.of("pool", "p", "namespace", "", "image", "i"),
            new StorageSource("rbd", "p/i", null, List.of())));
  }

  @ParameterizedTest
  @MethodSource
  void whatDoesNotTellItIsRefused(Map<String, String> options) {
    assertThatThrownBy(() -> KIND.opened("rbd", options))
        .isInstanceOf(IllegalArgumentException.class);
  }

  static Stream<Map<String, String>> whatDoesNotTellItIsRefused() {
    return Stream.of(
        Map.of("pool", "volumes"), Map.of("image", "i"), Map.of("filename", "rbd:p/i"));
  }
}
