// SPDX-License-Identifier: Apache-2.0
package io.diskplug.benchmarks;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.ceph.RbdProbe;
import io.diskplug.iscsi.IscsiProbe;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Outcome;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.StorageProbe;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Says what it costs to ask the storage: the question before an attach, and attaches and detaches
 * of an RBD image in turn with a probe and without.
 */
public final class Preflight {

  private static final String USAGE =
      """
      Usage: DISKPLUG_LAB_DIR=... java -cp benchmarks.jar io.diskplug.benchmarks.Preflight [OPTION]...

        --questions N   how often each storage is asked (500)
        --pairs N       how often the image is attached and detached with a probe and without (60)
        --warm-up N     how often each is done before (200 questions and 20 pairs at most)
      """;

  private static final int MOST_WARM_UP_PAIRS = 20;
  private static final int PERCENT_SHOWN = 90;
  private static final int MORE_IMAGES_THAN_ARE_KEPT = 24;
  private static final long MEBIBYTES = 24;
  private static final Duration BUDGET = Duration.ofSeconds(5);
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  /** What was asked for. */
  private record Settings(int questions, int pairs, int warmUp) {

    static Settings parse(String[] arguments) {
      int questions = 500;
      int pairs = 60;
      int warmUp = 200;
      for (int i = 0; i < arguments.length; i++) {
        switch (arguments[i]) {
          case "--questions" -> questions = Arguments.number(arguments, ++i);
          case "--pairs" -> pairs = Arguments.number(arguments, ++i);
          case "--warm-up" -> warmUp = Arguments.number(arguments, ++i);
          default -> throw new IllegalArgumentException(arguments[i]);
        }
      }
      return new Settings(questions, pairs, warmUp);
    }
  }

  /** Attaches and detaches of one kind. */
  private static final class Pairs {
    final Samples attach = new Samples();
    final Samples detach = new Samples();
    final Samples both = new Samples();
  }

  /** A question to a storage, about one disk after the other. */
  private static final class Question {
    private final StorageProbe probe;
    private final List<? extends DiskSource> disks;
    private int asked;

    Question(StorageProbe probe, List<? extends DiskSource> disks) {
      this.probe = probe;
      this.disks = disks;
    }

    void ask(Samples samples) {
      DiskSource disk = disks.get(asked++ % disks.size());
      long begin = System.nanoTime();
      StorageProbe.Finding finding = probe.beforeAttach(disk, BUDGET);
      samples.addSince(begin);
      if (!(finding instanceof StorageProbe.Ready)) {
        throw new IllegalStateException("not ready: " + finding);
      }
    }
  }

  /** What the questions of an attach take. */
  private record TimedProbe(StorageProbe probe, Samples before, Samples after)
      implements StorageProbe {

    @Override
    public boolean answersFor(DiskSource disk) {
      return probe.answersFor(disk);
    }

    @Override
    public Finding beforeAttach(DiskSource disk, Duration budget) {
      return timed(before, () -> probe.beforeAttach(disk, budget));
    }

    @Override
    public Finding afterAttach(DiskSource disk, Duration budget) {
      return timed(after, () -> probe.afterAttach(disk, budget));
    }

    private static Finding timed(Samples samples, Supplier<Finding> question) {
      long begin = System.nanoTime();
      try {
        return question.get();
      } finally {
        samples.addSince(begin);
      }
    }

    @Override
    public void close() {
      probe.close();
    }
  }

  private final Settings settings;
  private final LabGuest guest;
  private final DiskSource image;

  private Preflight(Settings settings, LabGuest guest) {
    this.settings = settings;
    this.guest = guest;
    this.image = LabStorage.rbd(guest, newSerial(), MEBIBYTES);
  }

  /**
   * Measures, and prints a table.
   *
   * @param arguments see the usage
   */
  public static void main(String[] arguments) throws IOException {
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
    try (RbdProbe rbd = LabStorage.rbdProbe(guest);
        RbdProbe images = LabStorage.rbdProbe(guest);
        IscsiProbe iscsi = LabStorage.iscsiProbe(guest)) {
      Preflight preflight = new Preflight(settings, guest);
      preflight.questions(rbd, images, iscsi);
      preflight.pairs(rbd);
    }
  }

  private static String newSerial() {
    return "pvc-" + UUID.randomUUID();
  }

  /** More than the probe keeps open: each is opened anew. */
  private List<DiskSource> newImages() {
    return Stream.generate(() -> (DiskSource) LabStorage.rbd(guest, newSerial(), MEBIBYTES))
        .limit(MORE_IMAGES_THAN_ARE_KEPT)
        .toList();
  }

  private void questions(StorageProbe rbd, StorageProbe images, StorageProbe iscsi) {
    Map<String, Question> questions = new LinkedHashMap<>();
    questions.put("RBD", new Question(rbd, List.of(image)));
    questions.put("RBD, not open", new Question(images, newImages()));
    questions.put("iSCSI", new Question(iscsi, List.of(LabStorage.open(guest, newSerial()))));
    questions.put("iSCSI, CHAP", new Question(iscsi, List.of(LabStorage.chap(guest, newSerial()))));
    for (int i = 0; i < settings.warmUp(); i++) {
      questions.values().forEach(question -> question.ask(new Samples()));
    }
    Map<String, Samples> taken = new LinkedHashMap<>();
    for (int i = 0; i < settings.questions(); i++) {
      questions.forEach(
          (name, question) -> question.ask(taken.computeIfAbsent(name, key -> new Samples())));
    }
    Console.print("the question before an attach, in ms, warm%n");
    Console.print("%-22s %8s %8s %8s %8s", "", "median", "p90", "fastest", "number");
    taken.forEach(
        (name, samples) ->
            Console.print(
                "%-22s %8.2f %8.2f %8.2f %8d",
                name,
                samples.median(),
                samples.percentile(PERCENT_SHOWN),
                samples.percentile(0),
                samples.count()));
  }

  private void pairs(StorageProbe probe) {
    String uri = guest.get("LIBVIRT_URI");
    TimedProbe timed = new TimedProbe(probe, new Samples(), new Samples());
    Pairs asked = new Pairs();
    Pairs plain = new Pairs();
    try (DiskPlug asking = DiskPlug.connect(uri, Options.defaults().withStorageProbes(timed));
        DiskPlug without = DiskPlug.connect(uri)) {
      for (int i = 0; i < Math.min(settings.warmUp(), MOST_WARM_UP_PAIRS); i++) {
        inTurn(i, asking, new Pairs(), without, new Pairs());
      }
      timed.before().clear();
      timed.after().clear();
      for (int i = 0; i < settings.pairs(); i++) {
        inTurn(i, asking, asked, without, plain);
      }
    }
    Console.print(
        "%nan RBD image attached and detached, verified; medians in ms, p90 in brackets; ratios of"
            + " the medians, and in brackets the median of the ratios%n");
    Console.print("%-22s %16s %16s %16s %6s", "", "without a probe", "with", "ratio", "pairs");
    row("attach", plain.attach, asked.attach);
    row("detach", plain.detach, asked.detach);
    row("both", plain.both, asked.both);
    Console.print(
        "of the attach with a probe, the question before took %.1f ms, and that after %.1f ms"
            + " (medians)",
        timed.before().median(), timed.after().median());
  }

  /** In turn each comes first. */
  private void inTurn(int number, DiskPlug asking, Pairs asked, DiskPlug without, Pairs plain) {
    if (number % 2 == 0) {
      pair(asking, asked);
      pair(without, plain);
    } else {
      pair(without, plain);
      pair(asking, asked);
    }
  }

  private void pair(DiskPlug plug, Pairs pairs) {
    long begin = System.nanoTime();
    Outcome attached = plug.attach(guest.ref(), image, DEADLINE);
    long attaching = System.nanoTime() - begin;
    pairs.attach.addSince(begin);
    if (!(attached instanceof Attached)) {
      throw new IllegalStateException("not attached: " + attached);
    }
    guest.awaitDisk(image.volume().id());
    begin = System.nanoTime();
    Outcome detached = plug.detach(guest.ref(), image.volume(), DEADLINE);
    pairs.detach.addSince(begin);
    pairs.both.addSince(begin - attaching);
    if (!(detached instanceof Detached)) {
      throw new IllegalStateException("not detached: " + detached);
    }
    guest.awaitNoDisk(image.volume().id());
  }

  private static void row(String what, Samples without, Samples with) {
    Console.print(
        "%-22s %7.1f (%6.1f) %7.1f (%6.1f) %7.2f (%6.2f) %6d",
        what,
        without.median(),
        without.percentile(PERCENT_SHOWN),
        with.median(),
        with.percentile(PERCENT_SHOWN),
        with.median() / without.median(),
        with.dividedBy(without).median(),
        with.count());
  }
}
