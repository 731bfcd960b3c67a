// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

/** What the claim that a volume is detached rests on. */
public enum Proof {
  /**
   * QEMU was asked and has neither the device nor a block node of the volume; or the domain has no
   * QEMU process.
   */
  QEMU,
  /**
   * The storage was asked after no view showed the volume, and says that nobody has it open, in
   * this domain or elsewhere; as far as the storage sees it: of an RBD image who has it open for
   * writing, and not who only reads, nor a client that is alive and has been cut off for half a
   * minute.
   */
  STORAGE,
  /**
   * The XML alone. Weaker: QEMU can hold a volume that neither view shows. Only where asking QEMU
   * was switched off and no storage has the volume or can be asked about it, or where QEMU's answer
   * does not tell such volumes.
   */
  XML
}
