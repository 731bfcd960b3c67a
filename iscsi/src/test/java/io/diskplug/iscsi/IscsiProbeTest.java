// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Pointer;
import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.HostPort;
import io.diskplug.disk.SourceSpec;
import io.diskplug.domain.VolumeRef;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.StorageProbe.Finding;
import io.diskplug.spi.StorageProbe.Ready;
import io.diskplug.spi.StorageProbe.Reason;
import io.diskplug.spi.StorageProbe.Refused;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the probe does without a target. */
@Timeout(60)
class IscsiProbeTest {

  private static final Duration BUDGET = Duration.ofMillis(500);

  private static final IscsiDisk BY_NAME =
      IscsiDisk.of(
          "pvc-1",
          new IscsiLun("iqn.2026-01.io.diskplug:open", 1),
          new HostPort("storage.test", 3260));

  private static final IscsiDisk BY_ADDRESS =
      IscsiDisk.of("pvc-1", BY_NAME.lun(), new HostPort("127.0.0.1", 1));

  @Test
  void aLibraryThatIsMissingIsNamed() {
    try (IscsiProbe probe = IscsiProbe.load("libnowhere.so.7", ChapPasswords.NONE)) {
      for (int time = 0; time < 2; time++) {
        assertRefused(probe.beforeAttach(BY_NAME, BUDGET), Reason.CANNOT_ASK, "libnowhere.so.7");
      }
      assertThat(probe.toString()).contains("libnowhere.so.7");
    }
  }

  @Test
  void whatASupplierOfPasswordsThrowsIsNotRepeated() {
    ChapPasswords vault =
        (target, auth) -> {
          throw new IllegalStateException("a secret");
        };
    ChapAuth auth = new ChapAuth("user", UUID.randomUUID());
    try (IscsiProbe probe = IscsiProbe.with(library(Map.of()), vault)) {
      Finding finding = probe.beforeAttach(BY_ADDRESS.withAuth(auth), BUDGET);

      assertRefused(finding, Reason.NOT_KNOWN, "IllegalStateException");
      assertThat(finding.toString()).doesNotContain("a secret");
    }
  }

  @Test
  void aNameThatIsNotResolvedHoldsNobodyBeyondTheBudget() throws InterruptedException {
    CountDownLatch resolved = new CountDownLatch(1);
    CountDownLatch destroyed = new CountDownLatch(1);
    Libiscsi library =
        library(
            Map.of(
                "iscsi_connect_async",
                () -> {
                  resolved.await();
                  return -1;
                },
                "iscsi_destroy_context",
                () -> {
                  destroyed.countDown();
                  return 0;
                }));
    try (IscsiProbe probe = IscsiProbe.with(library, ChapPasswords.NONE)) {
      long start = System.nanoTime();
      Finding finding = probe.beforeAttach(BY_NAME, BUDGET);
      Duration took = Duration.ofNanos(System.nanoTime() - start);

      assertRefused(finding, Reason.UNREACHABLE, "500 ms");
      assertThat(took).isBetween(BUDGET, BUDGET.plusMillis(500));
      assertThat(destroyed.getCount()).isOne();
      // The resolver has given up.
      resolved.countDown();
      assertThat(destroyed.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void manyNamesThatAreNotResolvedCostEightThreads() {
    CountDownLatch resolved = new CountDownLatch(1);
    AtomicInteger waiting = new AtomicInteger();
    Libiscsi library =
        library(
            Map.of(
                "iscsi_connect_async",
                () -> {
                  waiting.incrementAndGet();
                  resolved.await();
                  return -1;
                }));
    try (IscsiProbe probe = IscsiProbe.with(library, ChapPasswords.NONE)) {
      // One that did not get a thread in time is not asked later.
      for (int further = 0; further < 4; ) {
        assertRefused(
            probe.beforeAttach(BY_NAME, Duration.ofMillis(20)), Reason.UNREACHABLE, "20 ms");
        if (waiting.get() >= 8) {
          further++;
        }
      }
      assertThat(waiting).hasValue(8);
    } finally {
      resolved.countDown();
    }
  }

  @Test
  void thePasswordIsOverwritten() {
    byte[] password = {1, 2, 3};
    Map<String, byte[]> seen = new ConcurrentHashMap<>();
    Libiscsi library = library(Map.of("iscsi_connect_async", () -> -1), seen);
    ChapAuth auth = new ChapAuth("diskplug", UUID.randomUUID());
    try (IscsiProbe probe =
        IscsiProbe.with(
            library,
            (target, of) ->
                target.equals(BY_ADDRESS.lun().target()) && of.equals(auth)
                    ? Optional.of(password)
                    : Optional.empty())) {
      probe.beforeAttach(BY_ADDRESS.withAuth(auth), BUDGET);

      assertThat(seen).containsEntry("diskplug", new byte[] {1, 2, 3, 0});
      assertThat(password).containsOnly(0);
    }
  }

  @Test
  void aPasswordThatIsNotThereIsNotDenied() {
    ChapAuth auth = new ChapAuth("diskplug", UUID.randomUUID());
    try (IscsiProbe probe = IscsiProbe.with(library(Map.of()), ChapPasswords.NONE)) {
      assertRefused(
          probe.beforeAttach(BY_ADDRESS.withAuth(auth), BUDGET), Reason.CANNOT_ASK, "password");
    }
  }

  @Test
  void anAttachedDiskIsNotAskedAbout() {
    try (IscsiProbe probe = IscsiProbe.with(library(Map.of()), ChapPasswords.NONE)) {
      assertThat(probe.afterAttach(BY_NAME, BUDGET)).isEqualTo(new Ready(OptionalLong.empty()));
    }
  }

  @Test
  void aClosedProbeAsksNothing() {
    IscsiProbe probe = IscsiProbe.with(library(Map.of()), ChapPasswords.NONE);
    probe.close();

    assertRefused(probe.beforeAttach(BY_NAME, BUDGET), Reason.CANNOT_ASK, "closed");
    assertRefused(probe.beforeAttach(BY_ADDRESS, BUDGET), Reason.CANNOT_ASK, "closed");
  }

  @Test
  void disksOfOthersAreNotAskedAbout() {
    try (IscsiProbe probe = IscsiProbe.with(library(Map.of()), ChapPasswords.NONE)) {
      DiskSource other = new OtherDisk();

      assertThat(probe.answersFor(BY_NAME)).isTrue();
      assertThat(probe.answersFor(other)).isFalse();
      assertThat(probe.answersFor(BY_NAME.volume())).as("a LUN has no watchers").isFalse();
      assertThatThrownBy(() -> probe.beforeAttach(other, BUDGET))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> probe.afterAttach(other, BUDGET))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, 3260, 127.0.0.1:3260",
    "portal-1, 3261, portal-1:3261",
    "fd00::1, 3260, [fd00::1]:3260"
  })
  void aPortalIsWrittenAsLibiscsiReadsIt(String host, int port, String portal) {
    assertThat(IscsiSession.portal(new HostPort(host, port))).isEqualTo(portal);
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, true",
    "::1, true",
    "fd00::1, true",
    "127.1, false",
    "256.0.0.1, false",
    "a:b, false",
    "portal-1, false"
  })
  void whatIsAnAddressNeedsNoResolver(String host, boolean isAddress) {
    assertThat(Libc.isAddress(host)).isEqualTo(isAddress);
  }

  private static void assertRefused(Finding finding, Reason reason, String part) {
    assertThat(finding)
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.reason()).isEqualTo(reason);
              assertThat(refused.explanation()).contains(part, BY_NAME.lun().path());
            });
  }

  private interface Function {
    int call() throws InterruptedException;
  }

  private static Libiscsi library(Map<String, Function> functions) {
    return library(functions, new ConcurrentHashMap<>());
  }

  /** A library of these functions; of the others, those that return a number return 0. */
  private static Libiscsi library(Map<String, Function> functions, Map<String, byte[]> passwords) {
    return (Libiscsi)
        Proxy.newProxyInstance(
            Libiscsi.class.getClassLoader(),
            new Class<?>[] {Libiscsi.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("iscsi_set_initiator_username_pwd")) {
                passwords.put((String) arguments[1], ((Pointer) arguments[2]).getByteArray(0, 4));
              }
              if (functions.containsKey(method.getName())) {
                return functions.get(method.getName()).call();
              }
              if (method.getReturnType() == int.class) {
                return 0;
              }
              return method.getName().equals("iscsi_create_context") ? new Pointer(1) : null;
            });
  }

  private static final class OtherDisk implements DiskSource {

    @Override
    public VolumeRef volume() {
      return BY_NAME.volume();
    }

    @Override
    public DiskOptions options() {
      return DiskOptions.DEFAULTS;
    }

    @Override
    public SourceSpec source() {
      return BY_NAME.source();
    }
  }
}
