// SPDX-License-Identifier: Apache-2.0
package io.diskplug.benchmarks;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.domain.View;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.libvirt.LibvirtHypervisor;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.DiskPlan;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.PlanOutcome;
import io.diskplug.outcome.Planned;
import io.diskplug.outcome.Proof;
import io.diskplug.spi.DiskSource;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.libvirt.LibvirtException;

/**
 * Attaches and detaches a disk of a guest of the lab in turn with a bare call of libvirt and with
 * this library, and says what being sure costs.
 *
 * <p>The bare calls are made on two connections. <b>without</b>: opened before there was an event
 * loop in the process; libvirt's client then does its input and output in the calling thread, which
 * is the least that a call can cost, and hears no event and no keepalive. <b>with</b>: opened after
 * it, as that of every program that hears events, and of the library; the ratio to it is what the
 * library itself costs.
 *
 * <p><b>calls</b>: the calls that a verified attach consists of, one after the other, by somebody
 * who does not read what they answer. Between the bare call and these is what being sure costs;
 * between these and the library, what the library costs.
 */
public final class EndToEnd {

  private static final Duration CONNECT_DEADLINE = Duration.ofSeconds(30);
  private static final String USAGE =
      """
      Usage: DISKPLUG_LAB_DIR=... java -cp benchmarks.jar io.diskplug.benchmarks.EndToEnd [OPTION]...

        --pairs N     how often each is measured (60)
        --warm-up N   how often each is done before (20), after 2000 plans; 0 for neither
        --minutes N   when to stop, however many there are (10)
        --no-rbd      a disk that is a file only
        --breakdown   where the time of the verified calls goes; measuring that costs a little

      Bare are libvirt's own calls, on a connection of before there was an event loop ("without"),
      and on one of after it ("with"), like that of any program that hears events and like those
      of the library. The ratios are of the medians of the verified calls to those of either.
      """;

  private static final int LEAST_PAIRS = 50;
  private static final int PLANS = 2000;

  /** Bare without an event loop, bare with it, verified, and the calls of a verified attach. */
  private static final int WAYS = 4;

  private static final Duration LONGEST_COMPILING = Duration.ofSeconds(30);
  private static final long BYTES = 24L << 20;
  private static final long MEBIBYTES = 24;
  private static final int PERCENT_SHOWN = 90;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double MICROS_PER_MILLI = 1e3;
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  /** What was asked for. */
  private record Settings(int pairs, int warmUp, int minutes, boolean rbd, boolean breakdown) {

    static Settings parse(String[] arguments) {
      Settings settings = new Settings(60, 20, 10, true, false);
      for (int i = 0; i < arguments.length; i++) {
        settings =
            switch (arguments[i]) {
              case "--pairs" -> settings.withPairs(Arguments.number(arguments, ++i));
              case "--warm-up" -> settings.withWarmUp(Arguments.number(arguments, ++i));
              case "--minutes" -> settings.withMinutes(Arguments.number(arguments, ++i));
              case "--no-rbd" -> settings.withoutRbd();
              case "--breakdown" -> settings.withBreakdown();
              default -> throw new IllegalArgumentException(arguments[i]);
            };
      }
      return settings;
    }

    Settings withPairs(int number) {
      return new Settings(number, warmUp, minutes, rbd, breakdown);
    }

    Settings withWarmUp(int number) {
      return new Settings(pairs, number, minutes, rbd, breakdown);
    }

    Settings withMinutes(int number) {
      return new Settings(pairs, warmUp, number, rbd, breakdown);
    }

    Settings withoutRbd() {
      return new Settings(pairs, warmUp, minutes, false, breakdown);
    }

    Settings withBreakdown() {
      return new Settings(pairs, warmUp, minutes, rbd, true);
    }
  }

  /** The bare calls of one connection. */
  private static final class BareMeasured {
    final Samples attach = new Samples();
    final Samples detach = new Samples();
    final Samples sinceEvent = new Samples();
    int looks;
  }

  /** What was measured of one kind of disk. */
  private static final class Measured {
    final BareMeasured without = new BareMeasured();
    final BareMeasured with = new BareMeasured();
    final Samples attach = new Samples();
    final Samples detach = new Samples();
    final Samples sinceEvent = new Samples();
    final Samples calls = new Samples();
    final Breakdown attachCalls = new Breakdown();
    final Breakdown detachCalls = new Breakdown();
  }

  private final Settings settings;
  private final LabGuest guest;
  private final BareDomain without;
  private final BareDomain with;
  private final CallRecorder calls;
  private final HypervisorPort libvirt;
  private final DiskPlug plug;
  private final DeviceDeletions deletions;
  private final long end;

  private EndToEnd(
      Settings settings,
      LabGuest guest,
      BareDomain without,
      BareDomain with,
      CallRecorder calls,
      HypervisorPort libvirt,
      DiskPlug plug,
      DeviceDeletions deletions) {
    this.settings = settings;
    this.guest = guest;
    this.without = without;
    this.with = with;
    this.calls = calls;
    this.libvirt = libvirt;
    this.plug = plug;
    this.deletions = deletions;
    this.end = System.nanoTime() + Duration.ofMinutes(settings.minutes()).toNanos();
  }

  /**
   * Measures, and prints a table.
   *
   * @param arguments see the usage
   */
  public static void main(String[] arguments)
      throws IOException, FaultException, LibvirtException, InterruptedException {
    Settings settings;
    try {
      settings = Settings.parse(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + System.lineSeparator() + USAGE);
      System.exit(2);
      return;
    }
    LabGuest guest = LabGuest.boot("q35");
    guest.removeAtExit();
    String uri = guest.get("LIBVIRT_URI");
    // This one first: what is opened before there is an event loop is not served by it.
    try (BareDomain without = new BareDomain(uri, guest.uuid())) {
      HypervisorPort libvirt =
          LibvirtHypervisor.connect(
              uri, new LibvirtHypervisor.Configuration(true, true, true), CONNECT_DEADLINE);
      CallRecorder calls = new CallRecorder(libvirt);
      try (DiskPlug plug = DiskPlug.on(settings.breakdown() ? calls : libvirt, Options.defaults());
          BareDomain with = new BareDomain(uri, guest.uuid());
          DeviceDeletions deletions = new DeviceDeletions(uri)) {
        new EndToEnd(settings, guest, without, with, calls, libvirt, plug, deletions).run();
      }
    }
  }

  private void run() throws IOException, FaultException, LibvirtException, InterruptedException {
    String serial = "pvc-" + UUID.randomUUID();
    Console.print(
        "q35, a virtio disk, the same one each time; medians in ms, p90 in brackets; ratios of the"
            + " medians, and in brackets the median of the ratios");
    report("file", measure(FileDisk.of(serial, guest.file(BYTES))));
    if (settings.rbd()) {
      report("RBD", measure(LabStorage.rbd(guest, serial, MEBIBYTES)));
    }
  }

  private Measured measure(DiskSource disk)
      throws FaultException, LibvirtException, InterruptedException {
    String xml = readyXml(disk);
    if (settings.warmUp() > 0) {
      compile(disk);
    }
    Measured warmUp = new Measured();
    for (int i = 0; i < settings.warmUp(); i++) {
      round(i, disk, xml, warmUp);
    }
    Measured measured = new Measured();
    for (int i = 0; i < settings.pairs() && System.nanoTime() - end < 0; i++) {
      round(i, disk, xml, measured);
    }
    return measured;
  }

  /** A program that attaches disks has run for a while: the plans have its code compiled. */
  private void compile(DiskSource disk) {
    long last = System.nanoTime() + LONGEST_COMPILING.toNanos();
    for (int i = 0; i < PLANS && System.nanoTime() - last < 0; i++) {
      readyXml(disk);
    }
  }

  /** The very element that the library sends: the same address, alias and serial. */
  private String readyXml(DiskSource disk) {
    PlanOutcome planned = plug.plan(guest.ref(), List.of(disk), DEADLINE);
    if (planned instanceof Planned plan && plan.disks().get(0) instanceof DiskPlan.Attach attach) {
      return attach.xml();
    }
    throw new IllegalStateException("no plan: " + planned);
  }

  /** In turn each comes first, so that none always finds what the same other one has left. */
  private void round(int number, DiskSource disk, String xml, Measured measured)
      throws FaultException, LibvirtException, InterruptedException {
    for (int i = 0; i < WAYS; i++) {
      switch ((number + i) % WAYS) {
        case 0 -> bare(without, disk, xml, measured.without);
        case 1 -> bare(with, disk, xml, measured.with);
        case 2 -> calls(disk, xml, measured.calls);
        default -> verified(disk, measured);
      }
    }
  }

  private void bare(BareDomain bare, DiskSource disk, String xml, BareMeasured measured)
      throws LibvirtException, InterruptedException {
    String alias = disk.volume().identity().alias();
    long begin = System.nanoTime();
    bare.attach(xml);
    measured.attach.addSince(begin);
    guest.awaitDisk(disk.volume().id());

    begin = System.nanoTime();
    measured.looks += bare.detach(xml, alias);
    measured.detach.addSince(begin);
    measured.sinceEvent.add(millisBetween(deletions.next(alias), Instant.now()));
    guest.awaitNoDisk(disk.volume().id());
  }

  private void calls(DiskSource disk, String xml, Samples measured)
      throws FaultException, LibvirtException, InterruptedException {
    long begin = System.nanoTime();
    DomainHandle domain = libvirt.lookup(guest.ref());
    domain.xml(View.LIVE);
    domain.xml(View.PERSISTENT);
    domain.status();
    domain.control();
    domain.attachDevice(xml, EnumSet.allOf(View.class));
    domain.xml(View.PERSISTENT);
    domain.xml(View.LIVE);
    measured.addSince(begin);
    guest.awaitDisk(disk.volume().id());
    String alias = disk.volume().identity().alias();
    with.detach(xml, alias);
    deletions.next(alias);
    guest.awaitNoDisk(disk.volume().id());
  }

  private void verified(DiskSource disk, Measured measured) throws InterruptedException {
    calls.take();
    long begin = System.nanoTime();
    Outcome attached = plug.attach(guest.ref(), disk, DEADLINE);
    long returned = System.nanoTime();
    measured.attach.add((returned - begin) / NANOS_PER_MILLI);
    if (!(attached instanceof Attached)) {
      throw new IllegalStateException("not attached: " + attached);
    }
    measured.attachCalls.add(begin, returned, calls.take());
    guest.awaitDisk(disk.volume().id());

    begin = System.nanoTime();
    Outcome detached = plug.detach(guest.ref(), disk.volume(), DEADLINE);
    returned = System.nanoTime();
    Instant now = Instant.now();
    measured.detach.add((returned - begin) / NANOS_PER_MILLI);
    if (!(detached instanceof Detached proven) || proven.proof() != Proof.QEMU) {
      throw new IllegalStateException("not detached: " + detached);
    }
    Instant event = deletions.next(disk.volume().identity().alias());
    measured.sinceEvent.add(millisBetween(event, now));
    List<CallRecorder.Made> made = new ArrayList<>(calls.take());
    long deleted = returned - event.until(now, ChronoUnit.NANOS);
    made.add(new CallRecorder.Made(Breakdown.EVENT, deleted, deleted));
    measured.detachCalls.add(begin, returned, made);
    guest.awaitNoDisk(disk.volume().id());
  }

  private void report(String disk, Measured measured) {
    Console.print("");
    Console.print(
        "%-22s %16s %16s %16s %16s %16s %6s",
        disk, "bare, without", "bare, with", "verified", "to without", "to with", "rounds");
    row("attach", measured.without.attach, measured.with.attach, measured.attach);
    row("detach", measured.without.detach, measured.with.detach, measured.detach);
    Console.print(
        "the calls of a verified attach alone: %.1f (%.1f); to those with an event loop %.2f, and the"
            + " verified attach to them %.2f",
        measured.calls.median(),
        measured.calls.percentile(PERCENT_SHOWN),
        measured.calls.median() / measured.with.attach.median(),
        measured.attach.median() / measured.calls.median());
    row(
        "since DEVICE_DELETED",
        measured.without.sinceEvent,
        measured.with.sinceEvent,
        measured.sinceEvent);
    Console.print(
        "looks until the bare detach showed, on average: %.2f, %.2f",
        measured.without.looks / (double) measured.without.detach.count(),
        measured.with.looks / (double) measured.with.detach.count());
    if (measured.attach.count() < LEAST_PAIRS) {
      Console.print("too few to go by: %d", measured.attach.count());
    }
    if (settings.breakdown()) {
      Map.of("attach", measured.attachCalls, "detach", measured.detachCalls).entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(
              entry ->
                  Console.print("%n%s", entry.getValue().describe(disk + " " + entry.getKey())));
    }
  }

  /** The ratios of the medians, and in brackets the median of the ratios of each round. */
  private static void row(String what, Samples without, Samples with, Samples verified) {
    Console.print(
        "%-22s %7.1f (%6.1f) %7.1f (%6.1f) %7.1f (%6.1f) %7.2f (%6.2f) %7.2f (%6.2f) %6d",
        what,
        without.median(),
        without.percentile(PERCENT_SHOWN),
        with.median(),
        with.percentile(PERCENT_SHOWN),
        verified.median(),
        verified.percentile(PERCENT_SHOWN),
        verified.median() / without.median(),
        verified.dividedBy(without).median(),
        verified.median() / with.median(),
        verified.dividedBy(with).median(),
        verified.count());
  }

  private static double millisBetween(Instant event, Instant now) {
    return event.until(now, ChronoUnit.MICROS) / MICROS_PER_MILLI;
  }
}
