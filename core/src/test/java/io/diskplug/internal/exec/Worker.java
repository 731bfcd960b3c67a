// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static org.awaitility.Awaitility.await;

import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** Something that runs in a thread of its own. */
public final class Worker<T> {

  private final FutureTask<T> task;
  private final Thread thread;
  private volatile boolean leftInterrupted;

  private Worker(Callable<T> body) {
    task =
        new FutureTask<>(
            () -> {
              T result = body.call();
              leftInterrupted = Thread.currentThread().isInterrupted();
              return result;
            });
    thread = new Thread(task, "worker");
    thread.setDaemon(true);
  }

  public static <T> Worker<T> start(Callable<T> body) {
    Worker<T> worker = new Worker<>(body);
    worker.thread.start();
    return worker;
  }

  /** Waits until the worker waits inside a method of the class. */
  public Worker<T> awaitWaitingIn(Class<?> type) {
    await().until(() -> isWaitingIn(type));
    return this;
  }

  public boolean isWaitingIn(Class<?> type) {
    Thread.State state = thread.getState();
    return (state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING)
        && Arrays.stream(thread.getStackTrace())
            .anyMatch(frame -> frame.getClassName().equals(type.getName()));
  }

  public void interrupt() {
    thread.interrupt();
  }

  public boolean isDone() {
    return task.isDone();
  }

  public T result() throws Exception {
    return task.get();
  }

  /** Whether the thread was marked as interrupted when the body had ended. */
  public boolean leftInterrupted() {
    return leftInterrupted;
  }
}
