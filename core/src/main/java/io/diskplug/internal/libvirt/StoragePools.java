// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.libvirt;

import static io.diskplug.internal.libvirt.NativeFaults.check;

import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.fault.ErrorCode;
import io.diskplug.internal.fault.FaultException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.libvirt.jna.StoragePoolPointer;

/**
 * The storage pools of a daemon. A pool whose storage does not answer keeps libvirt's lock on it:
 * each question is asked on a thread of its own and given up in time, so that it keeps no request
 * waiting; further requests for the same pool wait for the same answer. Safe for use by several
 * threads.
 */
final class StoragePools {

  /** Each question that is not answered keeps a thread, a connection and a worker of the daemon. */
  private static final int MOST_OUTSTANDING = 8;

  /** The questions that are not answered yet, by the name of the pool. */
  private final Map<String, FutureTask<String>> outstanding = new HashMap<>(); // guarded by itself

  private final LibvirtApi api;
  private final Connections connections;

  StoragePools(LibvirtApi api, Connections connections) {
    this.api = api;
    this.connections = connections;
  }

  /**
   * The definition of a pool.
   *
   * @param name its name
   * @param atMost how long to wait for the answer, and before it for a place to ask
   * @throws FaultException if there is none, or the daemon has not answered in time
   */
  String xml(String name, Duration atMost) throws FaultException {
    long until = System.nanoTime() + atMost.toNanos();
    try {
      return question(name, until).get(until - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof FaultException fault) {
        throw fault;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw unanswered("no answer within " + atMost.toMillis() + " ms");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unanswered("interrupted");
    }
  }

  /** The question about a pool that is under way, or a new one. */
  private FutureTask<String> question(String name, long until)
      throws FaultException, InterruptedException {
    synchronized (outstanding) {
      FutureTask<String> earlier = outstanding.get(name);
      while (earlier == null && outstanding.size() >= MOST_OUTSTANDING) {
        long left = until - System.nanoTime();
        if (left <= 0) {
          throw unanswered("too many questions about storage pools are not answered yet");
        }
        TimeUnit.NANOSECONDS.timedWait(outstanding, left);
        earlier = outstanding.get(name);
      }
      if (earlier != null) {
        return earlier;
      }
      FutureTask<String> question = new FutureTask<>(() -> askAndForget(name));
      Thread thread = new Thread(question, "diskplug-pool");
      thread.setDaemon(true);
      thread.start();
      outstanding.put(name, question);
      return question;
    }
  }

  private String askAndForget(String name) throws FaultException {
    try {
      return ask(name);
    } finally {
      synchronized (outstanding) {
        FutureTask<String> unused = outstanding.remove(name);
        outstanding.notifyAll();
      }
    }
  }

  private String ask(String name) throws FaultException {
    return connections.call(
        Call.READ_POOL,
        connection -> {
          StoragePoolPointer pool =
              check(
                  api, Call.READ_POOL, api.virStoragePoolLookupByName(connection.pointer(), name));
          try {
            return check(api, Call.READ_POOL, api.virStoragePoolGetXMLDesc(pool, 0)).toString();
          } finally {
            api.virStoragePoolFree(pool);
          }
        });
  }

  private static FaultException unanswered(String why) {
    return new FaultException(
        new LibvirtFault(Call.READ_POOL, ErrorCode.OPERATION_TIMEOUT, 0, why));
  }
}
