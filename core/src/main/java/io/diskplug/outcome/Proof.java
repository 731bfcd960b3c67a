// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

/** What the claim that a volume is detached rests on. */
public enum Proof {
  /**
   * QEMU was asked and has neither the device nor a block node of the volume; or the domain has no
   * QEMU process.
   */
  QEMU,
  /** The storage says that nobody holds the volume open. */
  STORAGE,
  /**
   * The XML alone. Weaker: QEMU can hold a volume that neither view shows. Only where asking QEMU
   * was switched off.
   */
  XML
}
