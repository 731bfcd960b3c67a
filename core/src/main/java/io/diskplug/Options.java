// SPDX-License-Identifier: Apache-2.0
package io.diskplug;

import io.diskplug.internal.observe.ListenerDispatcher;
import io.diskplug.internal.request.ReleaseRules;
import io.diskplug.internal.storage.StorageProbes;
import io.diskplug.outcome.Proof;
import io.diskplug.spi.PlugListener;
import io.diskplug.spi.StorageProbe;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a {@link DiskPlug} works. Immutable: each {@code with} method returns another one. */
public final class Options {

  private static final Duration CONNECT_DEADLINE = Duration.ofSeconds(30);

  private static final Options DEFAULTS = new Options();

  private EventLoop eventLoop = EventLoop.OWN;
  private boolean quiet = true;
  private boolean monitor = true;
  private boolean ghostEviction = true;
  private Proof requiredProof = Proof.XML;
  private @Nullable PlugListener listener;
  private Duration connectDeadline = CONNECT_DEADLINE;
  private List<StorageProbe> probes = List.of();

  private Options() {}

  /** A copy, which its caller changes before it gives it out. */
  private Options copy() {
    Options copy = new Options();
    copy.eventLoop = eventLoop;
    copy.quiet = quiet;
    copy.monitor = monitor;
    copy.ghostEviction = ghostEviction;
    copy.requiredProof = requiredProof;
    copy.listener = listener;
    copy.connectDeadline = connectDeadline;
    copy.probes = probes;
    return copy;
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
    Options copy = copy();
    copy.eventLoop = eventLoop;
    return copy;
  }

  /**
   * Whether to set libvirt's error function, of which there is one in a process, to one that prints
   * nothing. Say false if the host application has set its own: libvirt cannot tell.
   *
   * @param quiet whether to set it
   */
  public Options withQuiet(boolean quiet) {
    Options copy = copy();
    copy.quiet = quiet;
    return copy;
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
    Options copy = copy();
    copy.monitor = monitor;
    return copy;
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
    Options copy = copy();
    copy.ghostEviction = ghostEviction;
    return copy;
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
    Options copy = copy();
    copy.requiredProof = requiredProof;
    return copy;
  }

  /**
   * Who is told what becomes of requests. {@link DiskPlug#close()} waits until it was told of the
   * end of each, for five seconds at most.
   *
   * @param listener the listener
   */
  public Options withListener(PlugListener listener) {
    Options copy = copy();
    copy.listener = listener;
    return copy;
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
    Options copy = copy();
    copy.connectDeadline = connectDeadline;
    return copy;
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
    Options copy = copy();
    copy.probes = List.of(probes);
    return copy;
  }

  EventLoop eventLoop() {
    return eventLoop;
  }

  boolean quiet() {
    return quiet;
  }

  ReleaseRules releaseRules() {
    return new ReleaseRules(monitor, ghostEviction, requiredProof);
  }

  ListenerDispatcher listening() {
    return listener == null ? ListenerDispatcher.none() : ListenerDispatcher.inAThread(listener);
  }

  Duration connectDeadline() {
    return connectDeadline;
  }

  StorageProbes storage() {
    return StorageProbes.inThreads(probes);
  }
}
