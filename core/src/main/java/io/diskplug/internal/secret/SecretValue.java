// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.secret;

import io.diskplug.internal.fault.FaultException;
import io.diskplug.spi.SecretSource;
import java.util.Arrays;

/**
 * The value of a secret on its way to libvirt. Overwritten with zeros when it is closed, or when
 * the call that has it then returns: a call that hangs must not be handed zeros for a key. Safe for
 * use by several threads, of which one uses it at a time.
 */
public final class SecretValue implements AutoCloseable {

  /** {@code REMOTE_SECRET_VALUE_MAX}. */
  private static final int MOST_BYTES = 65536;

  private final byte[] bytes;
  private boolean inUse; // guarded by this
  private boolean closed; // guarded by this

  /** Has the value for the time of a call. */
  @FunctionalInterface
  interface User {
    void use(byte[] value) throws FaultException;
  }

  private SecretValue(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Asks for the value.
   *
   * @throws IllegalArgumentException if libvirt cannot have it
   */
  static SecretValue of(SecretSource source) {
    byte[] bytes = source.value();
    if (bytes.length == 0 || bytes.length > MOST_BYTES) {
      Arrays.fill(bytes, (byte) 0);
      throw new IllegalArgumentException(
          "the value of the secret for "
              + source.usage()
              + " is empty, or has more than "
              + MOST_BYTES
              + " bytes");
    }
    return new SecretValue(bytes);
  }

  /** Lends it, unless it was closed: then no caller waits for the call any more. */
  void lend(User user) throws FaultException {
    synchronized (this) {
      if (closed) {
        return;
      }
      inUse = true;
    }
    try {
      user.use(bytes);
    } finally {
      giveBack();
    }
  }

  private synchronized void giveBack() {
    inUse = false;
    if (closed) {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (!inUse) {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  @Override
  public String toString() {
    return "SecretValue";
  }
}
