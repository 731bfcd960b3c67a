// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.coordination;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.RunState;
import io.diskplug.domain.StateReason;
import io.diskplug.internal.coordination.PendingUnplugs.Unplug;
import io.diskplug.internal.exec.SteppedTime;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PendingUnplugsTest {

  private static final UUID DOMAIN = new UUID(1, 1);
  private static final String ALIAS = "ua-dp-1";
  private static final String DEVICE = "virtio-disk3";
  private static final DomainStatus STATUS =
      new DomainStatus(RunState.RUNNING, StateReason.BOOTED, 7, true, false);

  private static final Set<String> NO_DEVICES = Set.of();

  private final SteppedTime time = new SteppedTime();
  private final PendingUnplugs unplugs = new PendingUnplugs(time);

  @Test
  void aRequestIsOutstandingUntilItIsOver() {
    unplugs.made(DOMAIN, ALIAS, DEVICE, STATUS, Duration.ofSeconds(10), "one", NO_DEVICES);

    Unplug unplug = unplugs.outstanding(DOMAIN, ALIAS, DEVICE, STATUS).orElseThrow();
    assertThat(unplug.repeatAt() - unplug.madeAt()).isEqualTo(Duration.ofSeconds(10).toNanos());
    assertThat(
            unplugs.outstanding(
                DOMAIN,
                ALIAS,
                DEVICE,
                new DomainStatus(RunState.PAUSED, StateReason.USER, 7, false, false)))
        .isPresent();

    unplugs.over(DOMAIN, ALIAS);
    assertThat(unplugs.outstanding(DOMAIN, ALIAS, DEVICE, STATUS)).isEmpty();
  }

  @Test
  void aRequestIsOneDevicesInOneStartOfOneDomain() {
    unplugs.made(DOMAIN, ALIAS, DEVICE, STATUS, Duration.ofSeconds(10), "one", NO_DEVICES);

    assertThat(unplugs.outstanding(new UUID(1, 2), ALIAS, DEVICE, STATUS)).isEmpty();
    assertThat(unplugs.outstanding(DOMAIN, "ua-dp-2", DEVICE, STATUS)).isEmpty();
    assertThat(unplugs.outstanding(DOMAIN, ALIAS, "virtio-disk4", STATUS)).isEmpty();
    assertThat(
            unplugs.outstanding(
                DOMAIN,
                ALIAS,
                DEVICE,
                new DomainStatus(RunState.RUNNING, StateReason.BOOTED, 8, true, false)))
        .isEmpty();
    unplugs.over(new UUID(1, 2), ALIAS);
    unplugs.over(DOMAIN, "ua-dp-2");
    assertThat(unplugs.outstanding(DOMAIN, ALIAS, DEVICE, STATUS)).isPresent();
  }

  @Test
  void aRequestThatNobodyAsksForIsForgottenAfterADay() {
    unplugs.made(DOMAIN, ALIAS, DEVICE, STATUS, Duration.ofSeconds(10), "one", NO_DEVICES);
    time.pass(Duration.ofHours(23));
    unplugs.made(DOMAIN, "ua-dp-2", DEVICE, STATUS, Duration.ofSeconds(10), "one", NO_DEVICES);
    assertThat(unplugs.outstanding(DOMAIN, ALIAS, DEVICE, STATUS)).isPresent();

    time.pass(Duration.ofHours(2));
    unplugs.made(DOMAIN, "ua-dp-3", DEVICE, STATUS, Duration.ofSeconds(10), "one", NO_DEVICES);

    assertThat(unplugs.outstanding(DOMAIN, ALIAS, DEVICE, STATUS)).isEmpty();
    assertThat(unplugs.outstanding(DOMAIN, "ua-dp-2", DEVICE, STATUS)).isPresent();
  }

  private boolean mayHaveBeenToldMore(String... devices) {
    return unplugs.mayHaveBeenToldMore(DOMAIN, ALIAS, STATUS, Set.of(devices));
  }

  private void asked(String key, String device, String... devices) {
    unplugs.made(DOMAIN, key, device, STATUS, Duration.ofSeconds(10), "one", Set.of(devices));
  }

  @Test
  void theGuestWasToldOfWhatHasComeEvenIfItIsGone() {
    asked(ALIAS, DEVICE, "one", "two");
    assertThat(mayHaveBeenToldMore("two")).isFalse();
    assertThat(mayHaveBeenToldMore()).isTrue();
    assertThat(mayHaveBeenToldMore("two", "three")).isTrue();

    unplugs.saw(new UUID(1, 2), () -> Set.of("three"));
    unplugs.saw(DOMAIN, () -> Set.of("two"));
    assertThat(mayHaveBeenToldMore("two")).isFalse();

    unplugs.saw(DOMAIN, () -> Set.of("two", "three"));
    assertThat(mayHaveBeenToldMore("two")).isTrue();
  }

  @Test
  void theGuestWasToldOfOtherRequests() {
    asked(ALIAS, DEVICE, "one", "two");
    asked("ua-dp-2", "virtio-disk4", "one", "two");

    assertThat(mayHaveBeenToldMore("two")).isTrue();
    // The later one was made last.
    assertThat(unplugs.mayHaveBeenToldMore(DOMAIN, "ua-dp-2", STATUS, Set.of("one"))).isFalse();
  }
}
