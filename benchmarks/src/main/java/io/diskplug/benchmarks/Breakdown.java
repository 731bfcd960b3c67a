// SPDX-License-Identifier: Apache-2.0
package io.diskplug.benchmarks;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Where the time of an operation goes: its calls of the hypervisor, and what is between them. */
final class Breakdown {

  /** A moment among the calls. */
  static final String EVENT = "QEMU: DEVICE_DELETED";

  private static final double NANOS_PER_MILLI = 1e6;

  private record Operation(long begin, long end, List<CallRecorder.Made> calls) {
    double millis() {
      return (end - begin) / NANOS_PER_MILLI;
    }
  }

  private final List<Operation> operations = new ArrayList<>();

  void add(long begin, long end, List<CallRecorder.Made> calls) {
    List<CallRecorder.Made> inOrder = new ArrayList<>(calls);
    inOrder.sort(Comparator.comparingLong(CallRecorder.Made::begin));
    operations.add(new Operation(begin, end, inOrder));
  }

  /** A table of the calls, and the course of the operation that took a median time. */
  String describe(String what) {
    StringBuilder text = new StringBuilder();
    if (operations.isEmpty()) {
      return what + ": none";
    }
    line(text, "%-26s %9s %11s", what, "calls", "median ms");
    Map<String, Samples> times = new LinkedHashMap<>();
    Map<String, Integer> counts = new LinkedHashMap<>();
    Samples elsewhere = new Samples();
    for (Operation operation : operations) {
      Map<String, Double> sums = new LinkedHashMap<>();
      double called = 0;
      for (CallRecorder.Made call : operation.calls()) {
        double millis = (call.end() - call.begin()) / NANOS_PER_MILLI;
        sums.merge(call.name(), millis, Double::sum);
        counts.merge(call.name(), 1, Integer::sum);
        called += millis;
      }
      sums.forEach((name, sum) -> times.computeIfAbsent(name, n -> new Samples()).add(sum));
      elsewhere.add(operation.millis() - called);
    }
    times.forEach(
        (name, samples) ->
            line(
                text,
                "  %-24s %9.2f %11.2f",
                name,
                counts.getOrDefault(name, 0) / (double) operations.size(),
                samples.median()));
    line(text, "  %-24s %9s %11.2f", "between the calls", "", elsewhere.median());
    course(text, medianOperation());
    return text.toString();
  }

  private Operation medianOperation() {
    List<Operation> sorted = new ArrayList<>(operations);
    sorted.sort(Comparator.comparingDouble(Operation::millis));
    return sorted.get(sorted.size() / 2);
  }

  private static void course(StringBuilder text, Operation operation) {
    line(text, "the one of %.2f ms: when, after what pause, how long", operation.millis());
    long last = operation.begin();
    for (CallRecorder.Made call : operation.calls()) {
      line(
          text,
          "  %8.2f %8.2f %8.2f  %s",
          (call.begin() - operation.begin()) / NANOS_PER_MILLI,
          (call.begin() - last) / NANOS_PER_MILLI,
          (call.end() - call.begin()) / NANOS_PER_MILLI,
          call.name());
      last = call.end();
    }
    line(
        text,
        "  %8.2f %8.2f %8s  the outcome",
        operation.millis(),
        (operation.end() - last) / NANOS_PER_MILLI,
        "");
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format + "%n", values));
  }
}
