// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.libvirt;

import org.libvirt.jna.Libvirt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps libvirt from printing every error to the standard error stream, which it does while a
 * process has set no error function. Every error that concerns us is returned anyway.
 */
final class ErrorOutput {

  private static final Logger log = LoggerFactory.getLogger("io.diskplug.daemon");

  private ErrorOutput() {}

  /** Sets the error function of the process, once. */
  static void silence() {
    Holder.touch();
  }

  private static final class Holder {
    // Held for ever: libvirt calls it for as long as the process lives.
    private static final Libvirt.VirErrorCallback QUIET = (userData, error) -> {};

    static {
      LibvirtApi.Loaded.LIBVIRT.virSetErrorFunc(null, QUIET);
      log.debug("error-function-set"); // libvirt prints nothing to stderr any more
    }

    private Holder() {}

    static void touch() {}
  }
}
