// SPDX-License-Identifier: Apache-2.0
package io.diskplug.secret;

import io.diskplug.disk.SecretRef;
import io.diskplug.disk.SecretUsage;
import io.diskplug.exec.SecretRequests;
import io.diskplug.outcome.SecretFailedException;
import io.diskplug.spi.Hypervisor;
import io.diskplug.spi.SecretSource;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The secrets of one libvirt daemon: keys and passwords that its disks need, defined by this
 * library and shown to nobody. {@code DiskPlug.secrets()} gives them.
 *
 * <p>Every call may be repeated, from any process, after any failure: it converges. Calls take
 * turns, also between threads, and block until there is an answer, at most until their deadline. An
 * interrupt ends the wait with {@link SecretFailedException.Reason#INTERRUPTED}, and leaves the
 * thread's interrupt status set; a call that was sent to libvirt takes its course.
 *
 * <p>Safe for use by several threads. No log line, exception or {@link #toString} has a value.
 */
public final class Secrets {

  private static final Logger log = LoggerFactory.getLogger(Secrets.class);

  private final Hypervisor hypervisor;
  private final SecretRequests requests;

  /**
   * The secrets of a hypervisor.
   *
   * @param hypervisor the port
   * @param requests runs what is asked for; stays the caller's to close
   */
  public Secrets(Hypervisor hypervisor, SecretRequests requests) {
    this.hypervisor = hypervisor;
    this.requests = requests;
  }

  /**
   * Sees to it that a secret exists, is private, and has this value: defines it if it is not there
   * ({@code virSecretDefineXML}), makes it private or ephemeral if it is not, and sets the value
   * ({@code virSecretSetValue}). So ensuring it with another value is how it is rotated; a disk
   * that is attached keeps what QEMU was given.
   *
   * <p>That it exists, for this usage, with this UUID and private, has been read back when this
   * returns. The value cannot be: libvirt shows that of a private secret to nobody. It has been
   * accepted by libvirt then.
   *
   * @param source the secret and its value; asked for the value first, before the deadline begins
   * @param deadline how long libvirt may take; positive
   * @return its UUID, for the disks that need it
   * @throws IllegalArgumentException if the deadline is not positive, or the value cannot be one
   * @throws SecretFailedException if it could not be done, or is not known to be
   */
  public SecretRef.ByUuid ensure(SecretSource source, Duration deadline) {
    try (SecretValue value = SecretValue.of(source)) {
      SecretRef.ByUuid secret = requests.run(new EnsureRounds(hypervisor, source, value), deadline);
      log.debug("the secret for {} is {}", source.usage(), secret.uuid());
      return secret;
    }
  }

  /**
   * Finds a secret ({@code virSecretLookupByUsage}). Whether it has a value is not known.
   *
   * @param usage what it is for
   * @param deadline how long it may take; positive
   * @return its UUID; empty if there is none
   * @throws IllegalArgumentException if the deadline is not positive
   * @throws SecretFailedException if libvirt does not say
   */
  public Optional<UUID> find(SecretUsage usage, Duration deadline) {
    return requests.run(
        calls -> Optional.of(new StoredSecrets(hypervisor, calls).find(usage)), deadline);
  }

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
  public boolean remove(SecretUsage usage, Duration deadline) {
    boolean removed = requests.run(new RemoveRounds(hypervisor, usage), deadline);
    log.debug("the secret for {} {}", usage, removed ? "was removed" : "was not there");
    return removed;
  }

  @Override
  public String toString() {
    return "Secrets[" + hypervisor + "]";
  }
}
