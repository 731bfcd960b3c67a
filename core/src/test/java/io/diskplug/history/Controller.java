// SPDX-License-Identifier: Apache-2.0
package io.diskplug.history;

import io.diskplug.internal.exec.Executor;
import io.diskplug.internal.kind.ExampleKind;
import io.diskplug.internal.observe.DirectDispatcher;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.request.ReleaseRules;
import io.diskplug.internal.storage.StorageProbes;
import io.diskplug.sim.SimulatedHost;
import io.diskplug.spi.PlugListener;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;

/** A process that uses the library, and may die at any call. A successor knows nothing of it. */
final class Controller {

  /** What it dies of. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1L;

    Killed() {
      super("killed", null, false, false);
    }
  }

  /** From a start of the process to its end. */
  final class Life {
    private final String client;
    private final VirtualTime.OfProcess process = time.process();
    private final HypervisorPort connection;
    private final Executor executor;
    private boolean over;

    Life(int number) {
      client = name + "." + number;
      connection = host.connect(client);
      executor =
          new Executor(
              connection,
              ExampleKind.FAULTS,
              ExampleKind.ALL,
              ReleaseRules.USUAL,
              StorageProbes.none(),
              process,
              randoms.get(),
              DirectDispatcher.of(listener.apply(this)));
    }

    /** The name of its connection. */
    String client() {
      return client;
    }

    boolean isAlive() {
      return !over;
    }

    private void end() {
      over = true;
      process.close();
      connection.close();
    }
  }

  private final String name;
  private final SimulatedHost host;
  private final VirtualTime time;
  private final Function<Life, PlugListener> listener;
  private final Supplier<Random> randoms;
  private int lives;
  private Life life;

  /**
   * Starts the first process.
   *
   * @param randoms a source of randomness for each process, different from that of all others: a
   *     process signs its marks with what it draws first
   */
  Controller(
      String name,
      SimulatedHost host,
      VirtualTime time,
      Function<Life, PlugListener> listener,
      Supplier<Random> randoms) {
    this.name = name;
    this.host = host;
    this.time = time;
    this.listener = listener;
    this.randoms = randoms;
    this.life = new Life(0);
  }

  String client() {
    return life.client();
  }

  Executor requests() {
    return life.executor;
  }

  /** Dies, and is started again. */
  void restart() {
    life.end();
    lives++;
    life = new Life(lives);
  }
}
