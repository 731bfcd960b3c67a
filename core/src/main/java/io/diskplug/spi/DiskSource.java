// SPDX-License-Identifier: Apache-2.0
package io.diskplug.spi;

import io.diskplug.disk.SerialChoice;
import io.diskplug.diskxml.DiskXml;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.VolumeRef;

/**
 * A disk to attach: a volume and how the guest shall have it. A storage backend implements this.
 *
 * <p>Implementations are immutable, check what they are given when they are made, and are safe for
 * use by several threads. Their {@code toString} shows no secret.
 */
public interface DiskSource {

  /** The volume that this disk is. */
  VolumeRef volume();

  /** The bus that the guest shall see it on. */
  DiskBus bus();

  /**
   * Which serial the guest shall see. A backend whose disks have {@code DiskOptions} returns
   * theirs.
   */
  default SerialChoice serial() {
    return SerialChoice.ID;
  }

  /**
   * The disk element, made anew at each call. The executor fills in target, address, alias and
   * serial; a backend leaves them null.
   */
  DiskXml toXml();
}
