// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

/** Waits. */
final class Sleep {

  private Sleep() {}

  static void millis(long millis) {
    if (millis <= 0) {
      return;
    }
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
