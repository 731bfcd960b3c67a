// SPDX-License-Identifier: Apache-2.0
package io.diskplug;

import io.diskplug.internal.kind.InstalledKinds;
import io.diskplug.internal.kind.StorageKinds;
import io.diskplug.internal.observe.ListenerDispatcher;
import io.diskplug.internal.storage.StorageProbes;
import io.diskplug.outcome.Proof;
import io.diskplug.spi.PlugListener;
import io.diskplug.spi.StorageKind;
import io.diskplug.spi.StorageProbe;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a {@link DiskPlug} works. Immutable: each {@code with} method returns another one. */
public final class Options {

  private static final Duration CONNECT_DEADLINE = Duration.ofSeconds(30);

  private static final Options DEFAULTS =
      new Options(EventLoop.OWN, true, Proof.QEMU, null, CONNECT_DEADLINE, List.of(), List.of());

  private final EventLoop eventLoop;
  private final boolean quiet;
  private final Proof releaseProof;
  private final @Nullable PlugListener listener;
  private final Duration connectDeadline;
  private final List<StorageProbe> probes;
  private final List<StorageKind> kinds;

  private Options(
      EventLoop eventLoop,
      boolean quiet,
      Proof releaseProof,
      @Nullable PlugListener listener,
      Duration connectDeadline,
      List<StorageProbe> probes,
      List<StorageKind> kinds) {
    this.eventLoop = eventLoop;
    this.quiet = quiet;
    this.releaseProof = releaseProof;
    this.listener = listener;
    this.connectDeadline = connectDeadline;
    this.probes = probes;
    this.kinds = kinds;
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
    return new Options(eventLoop, quiet, releaseProof, listener, connectDeadline, probes, kinds);
  }

  /**
   * Whether to set libvirt's error function, of which there is one in a process, to one that prints
   * nothing. Say false if the host application has set its own: libvirt cannot tell.
   *
   * @param quiet whether to set it
   */
  public Options withQuiet(boolean quiet) {
    return new Options(eventLoop, quiet, releaseProof, listener, connectDeadline, probes, kinds);
  }

  /**
   * What a detach must have seen of a domain that runs before it says so; {@link Proof#QEMU} if
   * nothing is said. With the others QEMU's monitor is not used at all: ghosts are neither found
   * nor evicted. Of a domain that is shut off there is no QEMU to be asked: its detach rests on
   * {@link Proof#DAEMON} or {@link Proof#XML}, unless {@link Proof#STORAGE} is demanded.
   *
   * <p>With {@link Proof#STORAGE} the first of the {@link #withStorageProbes probes} that answers
   * for the volume is asked, also where the domain is shut off. As long as a client has the volume
   * open, in this domain or elsewhere, the detach is {@code Pending}; so it is not for volumes that
   * several domains share. As long as the storage does not say, for whatever reason, it is {@code
   * Unavailable} or {@code Indeterminate}, and never falls back to a weaker proof. Of a volume that
   * no probe answers for, or that the storage does not have, nothing can be known: its detach rests
   * on {@link Proof#XML}, or on {@link Proof#DAEMON}, and says so. The same holds for what {@code
   * repair} removes, and for an attach that is undone because another client has the volume.
   *
   * <p>Without that demand, a probe is asked where the proof would be weaker than {@link
   * Proof#QEMU}, for two seconds at most: its answer makes the proof {@link Proof#STORAGE}, or is
   * told in the outcome's {@code observed().storage()}, and never keeps the detach from its end.
   *
   * @param releaseProof {@link Proof#QEMU}; {@link Proof#STORAGE} or {@link Proof#XML} where the
   *     monitor may not be used
   * @throws IllegalArgumentException if it is {@link Proof#DAEMON}, which a domain that runs cannot
   *     have
   */
  public Options withReleaseProof(Proof releaseProof) {
    if (releaseProof == Proof.DAEMON) {
      throw new IllegalArgumentException("the daemon's word is no proof of a domain that runs");
    }
    return new Options(eventLoop, quiet, releaseProof, listener, connectDeadline, probes, kinds);
  }

  /**
   * Who is told what becomes of requests.
   *
   * @param listener the listener
   */
  public Options withListener(PlugListener listener) {
    return new Options(eventLoop, quiet, releaseProof, listener, connectDeadline, probes, kinds);
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
    return new Options(eventLoop, quiet, releaseProof, listener, connectDeadline, probes, kinds);
  }

  /**
   * What is asked about a volume before and after QEMU opens it, before it grows, by an inspection,
   * and after a detach: with {@link Proof#STORAGE} until no client has it open, else where the
   * proof would be weaker than QEMU's answer. The first probe that answers for a disk is asked,
   * from the host that this process runs on: QEMU should run there as well. Without probes nothing
   * is asked.
   *
   * @param probes the probes, which stay the caller's to close
   */
  public Options withStorageProbes(StorageProbe... probes) {
    return new Options(
        eventLoop, quiet, releaseProof, listener, connectDeadline, List.of(probes), kinds);
  }

  /**
   * Kinds of storage that requests are served for, besides files, block devices and those that are
   * found on the class path ({@link StorageKind}). A kind takes the place of another one with its
   * name. They replace those given before.
   *
   * @param kinds the kinds
   */
  public Options withStorageKinds(StorageKind... kinds) {
    return new Options(
        eventLoop, quiet, releaseProof, listener, connectDeadline, probes, List.of(kinds));
  }

  EventLoop eventLoop() {
    return eventLoop;
  }

  boolean quiet() {
    return quiet;
  }

  Proof releaseProof() {
    return releaseProof;
  }

  ListenerDispatcher listening() {
    return listener == null ? ListenerDispatcher.none() : ListenerDispatcher.inAThread(listener);
  }

  Duration connectDeadline() {
    return connectDeadline;
  }

  StorageKinds kinds() {
    return InstalledKinds.and(kinds);
  }

  StorageProbes storage() {
    return StorageProbes.inThreads(probes);
  }
}
