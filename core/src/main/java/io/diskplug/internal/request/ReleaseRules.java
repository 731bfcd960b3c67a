// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.request;

import io.diskplug.outcome.Proof;

/**
 * What the caller allows and demands of a detach.
 *
 * @param monitor whether QEMU's monitor may be used
 * @param evictsGhosts whether a ghost that is proven is taken out of QEMU
 * @param required the weakest proof with which a detach is done
 */
public record ReleaseRules(boolean monitor, boolean evictsGhosts, Proof required) {

  /** QEMU is asked, ghosts are evicted, and the strongest proof is enough that there is. */
  public static final ReleaseRules USUAL = new ReleaseRules(true, true, Proof.XML);
}
