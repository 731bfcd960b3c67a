// SPDX-License-Identifier: Apache-2.0
package io.diskplug;

/** The libvirt daemon could not be reached. Trying again may help. */
public final class ConnectException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ConnectException(String message, Throwable cause) {
    super(message, cause);
  }
}
