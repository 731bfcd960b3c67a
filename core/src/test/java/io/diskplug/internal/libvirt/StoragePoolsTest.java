// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Pointer;
import io.diskplug.internal.fault.ErrorCode;
import io.diskplug.internal.fault.FaultException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.libvirt.jna.ConnectionPointer;

/**
 * Questions about storage pools that the daemon does not answer, and the threads that they keep.
 */
class StoragePoolsTest {

  private static final Duration BRIEF = Duration.ofMillis(20);
  private static final Duration LONG = Duration.ofMinutes(1);

  /** The names of the pools that the daemon was asked for. */
  private final List<String> asked = new CopyOnWriteArrayList<>();

  private final CountDownLatch storageAnswers = new CountDownLatch(1);

  private final LibvirtApi api = ScriptedApi.of(this::answer);

  private final Connections connections = new Connections(api, "scripted", false);
  private final StoragePools pools = new StoragePools(api, connections);

  private @Nullable Object answer(Method method, Object[] arguments) throws InterruptedException {
    return switch (method.getName()) {
      case "virConnectOpenAuth" -> new ConnectionPointer();
      case "virConnectIsAlive" -> 1;
      case "virConnectGetLibVersion", "virConnectClose" -> 0;
      case "virGetLastError" -> Pointer.NULL;
      case "virStoragePoolLookupByName" -> {
        String name = (String) arguments[1];
        asked.add(name);
        if (name.startsWith("hung")) {
          storageAnswers.await();
        }
        yield null; // no such pool
      }
      default -> throw new AssertionError("not expected: " + method);
    };
  }

  @AfterEach
  void releaseTheThreads() {
    storageAnswers.countDown();
  }

  private void isUnanswered(StoragePools from, String pool) {
    assertThatThrownBy(() -> from.xml(pool, BRIEF))
        .isInstanceOfSatisfying(
            FaultException.class,
            e -> assertThat(e.fault().code()).isEqualTo(ErrorCode.OPERATION_TIMEOUT));
  }

  private void isAnswered(StoragePools from, String pool) {
    assertThatThrownBy(() -> from.xml(pool, LONG))
        .isInstanceOfSatisfying(
            FaultException.class,
            e -> assertThat(e.fault().code()).isNotEqualTo(ErrorCode.OPERATION_TIMEOUT));
  }

  /** The thread of the question may begin late. */
  private void isAskedForOnce(String pool) {
    Awaitility.await().untilAsserted(() -> assertThat(asked).containsExactly(pool));
  }

  @Test
  void aPoolThatDoesNotAnswerIsAskedForOnce() {
    isUnanswered(pools, "hung");
    isUnanswered(pools, "hung");

    isAskedForOnce("hung");
  }

  @Test
  void twoDomainsOfADaemonShareTheQuestion() {
    for (int domain = 0; domain < 2; domain++) {
      LibvirtDomain handle =
          new LibvirtDomain(api, connections, pools, null, UUID.randomUUID(), "vm" + domain);
      assertThatThrownBy(() -> handle.storagePoolXml("hung", BRIEF))
          .isInstanceOf(FaultException.class);
    }

    isAskedForOnce("hung");
  }

  @Test
  void anotherPoolIsAnsweredMeanwhile() {
    isUnanswered(pools, "hung");

    isAnswered(pools, "other");
  }

  @Test
  void noMoreThanEightThreadsAreKept() {
    for (int pool = 1; pool <= 9; pool++) {
      isUnanswered(pools, "hung-" + pool);
    }
    isUnanswered(pools, "other");

    assertThat(asked).hasSizeLessThanOrEqualTo(8).doesNotContain("hung-9", "other");
    isAnswered(new StoragePools(api, connections), "other");
  }

  @Test
  void aQuestionWaitsForAPlace() throws Exception {
    for (int pool = 1; pool <= 8; pool++) {
      isUnanswered(pools, "hung-" + pool);
    }
    FutureTask<Boolean> waiting =
        new FutureTask<>(
            () -> {
              isAnswered(pools, "other");
              return true;
            });
    Thread thread = new Thread(waiting, "waits-for-a-place");
    thread.start();
    while (thread.isAlive() && thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }

    storageAnswers.countDown();

    assertThat(waiting.get(1, TimeUnit.MINUTES)).isTrue();
    assertThat(asked).contains("other");
  }

  @Test
  void anAnswerThatCameLateIsForgotten() {
    isUnanswered(pools, "hung");
    storageAnswers.countDown();
    isAnswered(pools, "hung");
    isAnswered(pools, "hung");

    assertThat(asked).hasSizeGreaterThan(1).containsOnly("hung");
  }
}
