// SPDX-License-Identifier: Apache-2.0
package io.diskplug.secret;

import io.diskplug.disk.SecretRef;
import io.diskplug.disk.SecretUsage;
import io.diskplug.outcome.SecretFailedException;
import io.diskplug.spi.SecretSource;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * The secrets of one libvirt daemon: keys and passwords that its disks need, defined by this
 * library and never shown. {@code DiskPlug.secrets()} gives them.
 *
 * <p>Every call may be repeated, from any process, after any failure: it converges. Calls take
 * turns, also between threads, and block until there is an answer, at most until their deadline. An
 * interrupt ends the wait with {@link SecretFailedException.Reason#INTERRUPTED}, and leaves the
 * thread's interrupt status set; a call that was sent to libvirt takes its course.
 *
 * <p>Safe for use by several threads. No log line, exception or {@code toString} has a value.
 */
public interface Secrets {

  /**
   * Sees to it that a secret exists, is private, and has this value: defines it if it is not there
   * ({@code virSecretDefineXML}), makes it private or ephemeral if it is not, and sets the value
   * ({@code virSecretSetValue}). So ensuring it with another value is how it is rotated; a disk
   * that is attached keeps what QEMU was given.
   *
   * <p>That it exists, for this usage, with this UUID and private, has been read back when this
   * returns. The value cannot be: libvirt never shows that of a private secret. It has been
   * accepted by libvirt then.
   *
   * @param source the secret and its value; asked for the value first, before the deadline begins
   * @param deadline how long libvirt may take; positive
   * @return the secret by its UUID, for the disks that need it
   * @throws IllegalArgumentException if the deadline is not positive, or the value cannot be one
   * @throws SecretFailedException if it could not be done, or is not known to be
   */
  SecretRef ensure(SecretSource source, Duration deadline);

  /**
   * Finds a secret ({@code virSecretLookupByUsage}). Whether it has a value is not known.
   *
   * @param usage what it is for
   * @param deadline how long it may take; positive
   * @return its UUID; empty if there is none
   * @throws IllegalArgumentException if the deadline is not positive
   * @throws SecretFailedException if libvirt does not say
   */
  Optional<UUID> find(SecretUsage usage, Duration deadline);

  /**
   * Removes a secret and its value ({@code virSecretUndefine}). libvirt does not look whether a
   * disk needs it: one that is attached stays, and can be detached; its domain does not start
   * again.
   *
   * @param usage what it is for
   * @param deadline how long it may take; positive
   * @return whether there was one; libvirt has said that it is removed, or, where that answer was
   *     lost, does not show it any more. One that another client defines meanwhile stays
   * @throws IllegalArgumentException if the deadline is not positive
   * @throws SecretFailedException if it could not be done, or is not known to be
   */
  boolean remove(SecretUsage usage, Duration deadline);
}
