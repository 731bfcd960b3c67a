// SPDX-License-Identifier: Apache-2.0
package io.diskplug;

import io.diskplug.internal.kind.InstalledKinds;
import io.diskplug.internal.kind.StorageKinds;
import io.diskplug.internal.observe.ListenerDispatcher;
import io.diskplug.internal.request.ReleaseRules;
import io.diskplug.internal.storage.StorageProbes;
import io.diskplug.outcome.Proof;
import io.diskplug.spi.PlugListener;
import io.diskplug.spi.StorageKind;
import io.diskplug.spi.StorageProbe;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How a {@link DiskPlug} works. Immutable: each {@code with} method returns another one. */
public final class Options {

  private static final Duration CONNECT_DEADLINE = Duration.ofSeconds(30);

  private static final Options DEFAULTS = new Options(new Settings());

  /** Never changed any more; the final field makes it visible to each thread as it was made. */
  private final Settings settings;

  private Options(Settings settings) {
    this.settings = settings;
  }

  private Options with(Consumer<Settings> change) {
    Settings changed = settings.copy();
    change.accept(changed);
    return new Options(changed);
  }

  /**
   * This library runs libvirt's event loop, keeps libvirt from printing to stderr, and asks QEMU
   * before it calls anything detached.
   */
  public static Options defaults() {
    return DEFAULTS;
  }

  /**
   * Who runs libvirt's event loop.
   *
   * @param eventLoop who
   */
  public Options withEventLoop(EventLoop eventLoop) {
    return with(changed -> changed.eventLoop = eventLoop);
  }

  /**
   * Whether to set libvirt's error function, of which there is one in a process, to one that prints
   * nothing. Say false if the host application has set its own: libvirt cannot tell.
   *
   * @param quiet whether to set it
   */
  public Options withQuiet(boolean quiet) {
    return with(changed -> changed.quiet = quiet);
  }

  /**
   * Whether QEMU's monitor may be used ({@code virDomainQemuMonitorCommand}); true if nothing is
   * said. libvirt marks a domain whose monitor was used as tainted. Without the monitor, ghosts are
   * neither found nor evicted, and the detach of a domain that runs rests on {@link Proof#STORAGE}
   * or {@link Proof#XML}.
   *
   * @param monitor whether it may be used
   */
  public Options withMonitor(boolean monitor) {
    return with(changed -> changed.monitor = monitor);
  }

  /**
   * Whether what QEMU has of a volume that no view shows is taken out of it, once it is proven to
   * be left over from an attach that was interrupted; true if nothing is said. Without that, such a
   * volume stays in use: its detach is {@code Pending}, its attach {@code Unavailable}, until
   * {@link DiskPlug#repair} evicts the ghost, which names it and is not affected by this.
   *
   * @param ghostEviction whether a detach and an attach evict ghosts of their volume
   */
  public Options withGhostEviction(boolean ghostEviction) {
    return with(changed -> changed.ghostEviction = ghostEviction);
  }

  /**
   * The weakest proof with which a detach is done; {@link Proof#XML} if nothing is said, so that
   * each detach rests on the strongest proof that the state of its domain allows. With a weaker
   * proof than this one, no detach, and no removal from the live view by a repair, reads as done
   * ({@link Proof#isAtLeast}).
   *
   * <p>Where the proof would be too weak, the first of the {@link #withStorageProbes probes} that
   * answers for the volume is asked until it says that no client has the volume open. Meanwhile the
   * detach is {@code Pending} if a client has it open, in this domain or elsewhere; so a volume
   * that several domains share is not detached with {@link Proof#STORAGE}. If the storage does not
   * answer, it is {@code Unavailable} or {@code Indeterminate}. If no probe answers for the volume,
   * it is {@code Rejected} ({@code PROOF_UNAVAILABLE}) before anything is changed; so it is after
   * the change if the storage has no volume of this name.
   *
   * <p>Where the proof is strong enough, and weaker than {@link Proof#QEMU}, a probe is asked all
   * the same, for two seconds at most: its answer makes the proof {@link Proof#STORAGE}, or is told
   * in the outcome's {@code observed().storage()}, and does not keep the detach from its end.
   *
   * <p>An attach that is undone because another client has the volume makes no use of this.
   *
   * @param requiredProof the weakest proof that is accepted
   */
  public Options withRequiredProof(Proof requiredProof) {
    return with(changed -> changed.requiredProof = requiredProof);
  }

  /**
   * Who is told what becomes of requests. {@link DiskPlug#close()} waits until it was told of the
   * end of each, for five seconds at most.
   *
   * @param listener the listener
   */
  public Options withListener(PlugListener listener) {
    return with(changed -> changed.listener = listener);
  }

  /**
   * How long connecting may take; 30 seconds if nothing is said. A host that does not answer keeps
   * libvirt for minutes.
   *
   * @param connectDeadline how long; positive
   * @throws IllegalArgumentException if it is not positive
   */
  public Options withConnectDeadline(Duration connectDeadline) {
    if (connectDeadline.isNegative() || connectDeadline.isZero()) {
      throw new IllegalArgumentException("not a positive duration: " + connectDeadline);
    }
    return with(changed -> changed.connectDeadline = connectDeadline);
  }

  /**
   * What is asked about a volume before and after QEMU opens it, before it grows, by an inspection,
   * and after a detach where its proof would be weaker than QEMU's answer, or than {@link
   * #withRequiredProof} demands. The first probe that answers for a disk is asked, from the host
   * that this process runs on: QEMU should run there as well. Without probes nothing is asked.
   *
   * @param probes the probes, which stay the caller's to close
   */
  public Options withStorageProbes(StorageProbe... probes) {
    return with(changed -> changed.probes = List.of(probes));
  }

  /**
   * Kinds of storage that requests are served for, besides files, block devices and those that are
   * found on the class path ({@link StorageKind}). A kind takes the place of another one with its
   * name. They replace those given before.
   *
   * @param kinds the kinds
   */
  public Options withStorageKinds(StorageKind... kinds) {
    return with(changed -> changed.kinds = List.of(kinds));
  }

  /**
   * On which executor the futures of the {@code …Async} methods are completed, and so what depends
   * on them runs, unless it says otherwise ({@code thenApplyAsync} and others). If nothing is said,
   * it is the default executor of {@link CompletableFuture}: {@link
   * java.util.concurrent.ForkJoinPool#commonPool}, or a new thread for each future where that pool
   * has one thread alone.
   *
   * <p>It gets one short task for each future, and decides what dependents may do: an executor that
   * runs tasks on the thread that submits them lets them run on a thread of this library, which
   * other requests wait for. If it rejects the task, as after its shutdown, or throws anything
   * else, the future is completed on the thread of this library that has the outcome, and the log
   * has a warning. One that drops a task without a word loses the outcome. A future that is
   * cancelled is completed at once, on the thread that cancels it. Requests themselves run on this
   * library's own threads, whatever is said here.
   *
   * @param executor the executor, which stays the caller's to shut down
   */
  public Options withCompletionExecutor(Executor executor) {
    return with(changed -> changed.completions = Objects.requireNonNull(executor));
  }

  EventLoop eventLoop() {
    return settings.eventLoop;
  }

  boolean quiet() {
    return settings.quiet;
  }

  ReleaseRules releaseRules() {
    return new ReleaseRules(settings.monitor, settings.ghostEviction, settings.requiredProof);
  }

  ListenerDispatcher listening() {
    PlugListener listener = settings.listener;
    return listener == null ? ListenerDispatcher.none() : ListenerDispatcher.inAThread(listener);
  }

  Duration connectDeadline() {
    return settings.connectDeadline;
  }

  Executor completionExecutor() {
    return settings.completions;
  }

  StorageKinds kinds() {
    return InstalledKinds.and(settings.kinds);
  }

  StorageProbes storage() {
    return StorageProbes.inThreads(settings.probes);
  }

  /** What is set, with the values of those who set nothing. */
  private static final class Settings {
    EventLoop eventLoop = EventLoop.OWN;
    boolean quiet = true;
    boolean monitor = true;
    boolean ghostEviction = true;
    Proof requiredProof = Proof.XML;
    @Nullable PlugListener listener;
    Duration connectDeadline = CONNECT_DEADLINE;
    List<StorageProbe> probes = List.of();
    List<StorageKind> kinds = List.of();

    /** That of {@link CompletableFuture}, with a thread for each task where the pool has one. */
    Executor completions = new CompletableFuture<Void>().defaultExecutor();

    Settings copy() {
      Settings copy = new Settings();
      copy.eventLoop = eventLoop;
      copy.quiet = quiet;
      copy.monitor = monitor;
      copy.ghostEviction = ghostEviction;
      copy.requiredProof = requiredProof;
      copy.listener = listener;
      copy.connectDeadline = connectDeadline;
      copy.probes = probes;
      copy.kinds = kinds;
      copy.completions = completions;
      return copy;
    }
  }
}
