// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import io.diskplug.ConnectionFailedException;
import io.diskplug.DiskPlug;
import io.diskplug.disk.IoTune;
import io.diskplug.domain.DomainRef;
import io.diskplug.lab.Lab;
import io.diskplug.outcome.Ghost;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.outcome.Waiver;
import io.diskplug.spi.DiskSource;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A controller, in a process of its own: attaches and detaches what it is told, by the public API.
 *
 * <p>It reads requests from its standard input, a line each, and carries them out side by side:
 * number, {@code attach}, {@code detach}, {@code limit}, {@code grow} or {@code inspect}, the
 * domain's UUID, the deadline in milliseconds, the volume's words, and the amount of a change. It
 * answers on its standard output, with tabs in between: number, how long it took and how late this
 * process was meanwhile, both in microseconds, the outcome's name, its reason, and the outcome. At
 * the end of its input it closes the library and ends.
 */
final class Controller {

  static final String READY = "ready";
  static final String NO_REASON = "-";
  static final String CHANGED = "Changed";
  static final String EXCEPTION = "Exception";

  private static final Logger log = LoggerFactory.getLogger(Controller.class);
  private static final Duration CONNECT = Duration.ofSeconds(90);

  private final Lab lab;
  private final DiskPlug plug;
  private final PrintStream out;
  private final Heartbeat heartbeat = Heartbeat.start();

  private Controller(Lab lab, DiskPlug plug, PrintStream out) {
    this.lab = lab;
    this.plug = plug;
    this.out = out;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Lab lab = Lab.current();
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    ExecutorService requests =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "request");
              thread.setDaemon(true);
              return thread;
            });
    try (DiskPlug plug = connect(lab.uri());
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      Controller controller = new Controller(lab, plug, out);
      out.println(READY);
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        List<String> words = List.of(line.split(" ", -1));
        requests.execute(() -> controller.carryOut(words));
      }
    }
  }

  /** The daemon may be down, as for any controller that starts. */
  private static DiskPlug connect(String uri) throws InterruptedException {
    long end = System.nanoTime() + CONNECT.toNanos();
    while (true) {
      try {
        return DiskPlug.connect(uri);
      } catch (ConnectionFailedException e) {
        if (System.nanoTime() > end) {
          throw e;
        }
        log.info("not connected yet", e);
        Thread.sleep(100);
      }
    }
  }

  @SuppressWarnings("CatchingUnchecked") // any exception is to be reported: the API has outcomes
  private void carryOut(List<String> words) {
    long start = System.nanoTime();
    long lateBefore = heartbeat.late();
    String kind;
    String reason = NO_REASON;
    String text;
    try {
      Supplier<Outcome> request = request(words);
      start = System.nanoTime();
      // Asked after the one clock and before the other, so that no more is taken off than has
      // passed.
      lateBefore = heartbeat.late();
      Outcome outcome = request.get();
      kind = outcome.getClass().getSimpleName();
      reason = reasonOf(outcome);
      text = outcome instanceof Inspected inspected ? ghosts(inspected) : outcome.toString();
    } catch (Exception e) {
      log.error("a request ended with an exception: {}", words, e);
      kind = EXCEPTION;
      text = e.toString();
    }
    long late = (heartbeat.late() - lateBefore) / 1000;
    long micros = (System.nanoTime() - start) / 1000;
    String answer = String.join("\t", kind, reason, text.replaceAll("\\s+", " "));
    out.println(words.get(0) + "\t" + micros + "\t" + late + "\t" + answer);
  }

  /** Makes a request; it is submitted, and its time begins, when it is got. */
  private Supplier<Outcome> request(List<String> words) {
    DomainRef domain = DomainRef.uuid(UUID.fromString(words.get(2)));
    Duration deadline = Duration.ofMillis(Long.parseLong(words.get(3)));
    if (words.get(1).equals("inspect")) {
      return () -> plug.inspect(domain, deadline);
    }
    DiskSource disk = new Volume(words.get(4), words.get(5), words.get(6)).disk(lab);
    return switch (words.get(1)) {
      case "attach" -> () -> plug.attach(domain, disk, deadline);
      case "detach" -> () -> plug.detach(domain, disk.volume(), deadline);
      case "limit" -> {
        IoTune limits = IoTune.total(0, Long.parseLong(words.get(7)));
        yield () -> plug.limit(domain, disk.volume(), limits, deadline);
      }
      case "grow" -> {
        long bytes = Long.parseLong(words.get(7));
        yield () -> plug.waiving(Waiver.UNKNOWN_SIZE).grow(domain, disk.volume(), bytes, deadline);
      }
      default -> throw new IllegalArgumentException("no such request: " + words);
    };
  }

  private static String reasonOf(Outcome outcome) {
    if (outcome instanceof Rejected rejected) {
      return rejected.reason().name();
    } else if (outcome instanceof Unavailable unavailable) {
      return unavailable.reason().name();
    } else if (outcome instanceof Indeterminate indeterminate) {
      return indeterminate.reason().name();
    } else if (outcome instanceof Pending pending) {
      return pending.waitingFor().name();
    }
    return NO_REASON;
  }

  /** The devices and nodes of everything that QEMU has and no view explains. */
  private static String ghosts(Inspected inspected) {
    return Stream.concat(inspected.ghosts().stream(), inspected.suspects().stream())
        .flatMap(Controller::names)
        .collect(Collectors.joining(" "));
  }

  private static Stream<String> names(Ghost ghost) {
    return Stream.concat(ghost.device().stream(), ghost.nodes().stream());
  }
}
