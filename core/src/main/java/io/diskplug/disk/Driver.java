// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * How QEMU drives a disk, libvirt's {@code <driver>}. What is empty is left to QEMU.
 *
 * @param cache the cache mode
 * @param io the I/O mode
 * @param discard what becomes of the guest's discards; QEMU ignores them by default
 * @param detectZeroes what becomes of writes of zeroes; QEMU does not look for them by default
 * @param iothread the number of the domain's I/O thread that does the work; only on the virtio bus.
 *     The domain must have it, else libvirt refuses the attachment.
 * @param queues the number of request queues; only on the virtio bus
 */
public record Driver(
    CacheMode cache,
    Optional<IoMode> io,
    Optional<DiscardMode> discard,
    Optional<DetectZeroes> detectZeroes,
    OptionalInt iothread,
    OptionalInt queues) {

  /** No page cache, and QEMU's own choice in everything else. */
  public static final Driver DEFAULTS =
      new Driver(
          CacheMode.NONE,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          OptionalInt.empty());

  /** {@code VIRTIO_QUEUE_MAX}: libvirt checks nothing, and QEMU 7.2 aborts with 1025. */
  private static final int MOST_QUEUES = 1024;

  /**
   * Checks the combination.
   *
   * @throws IllegalArgumentException if native I/O goes with a cache mode that uses the page cache,
   *     zeroes are to become discards and discards are not passed on, the I/O thread is not a
   *     positive number, or there are not 1 to 1024 queues
   */
  public Driver {
    if (io.filter(IoMode.NATIVE::equals).isPresent() && !cache.direct()) {
      throw new IllegalArgumentException(
          "io='native' needs cache='none' or 'directsync', not '" + cache.xmlName() + "'");
    }
    // libvirt takes it, shows it as it was given, and tells QEMU 'on' without a word.
    if (detectZeroes.filter(DetectZeroes.UNMAP::equals).isPresent()
        && discard.filter(DiscardMode.UNMAP::equals).isEmpty()) {
      throw new IllegalArgumentException("detect_zeroes='unmap' needs discard='unmap'");
    }
    if (iothread.isPresent() && iothread.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "iothread " + iothread.getAsInt() + ": I/O threads are counted from 1");
    }
    if (queues.isPresent() && (queues.getAsInt() < 1 || queues.getAsInt() > MOST_QUEUES)) {
      throw new IllegalArgumentException(
          "queues " + queues.getAsInt() + " is not between 1 and " + MOST_QUEUES);
    }
  }

  /**
   * The same with another cache mode.
   *
   * @param cache the cache mode
   */
  public Driver withCache(CacheMode cache) {
    return new Driver(cache, io, discard, detectZeroes, iothread, queues);
  }

  /**
   * The same with another I/O mode.
   *
   * @param io the I/O mode
   */
  public Driver withIo(IoMode io) {
    return new Driver(cache, Optional.of(io), discard, detectZeroes, iothread, queues);
  }

  /**
   * The same with other treatment of discards.
   *
   * @param discard what becomes of the guest's discards
   */
  public Driver withDiscard(DiscardMode discard) {
    return new Driver(cache, io, Optional.of(discard), detectZeroes, iothread, queues);
  }

  /**
   * The same with other treatment of zeroes.
   *
   * @param detectZeroes what becomes of writes of zeroes
   */
  public Driver withDetectZeroes(DetectZeroes detectZeroes) {
    return new Driver(cache, io, discard, Optional.of(detectZeroes), iothread, queues);
  }

  /**
   * The same in an I/O thread of the domain.
   *
   * @param number the thread's number in the domain, from 1
   */
  public Driver withIothread(int number) {
    return new Driver(cache, io, discard, detectZeroes, OptionalInt.of(number), queues);
  }

  /**
   * The same with a number of request queues.
   *
   * @param number how many, 1 to 1024
   */
  public Driver withQueues(int number) {
    return new Driver(cache, io, discard, detectZeroes, iothread, OptionalInt.of(number));
  }
}
