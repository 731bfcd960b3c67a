// SPDX-License-Identifier: Apache-2.0
package io.diskplug.spi;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.SourceSpec;
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

  /** How the guest shall have it. */
  DiskOptions options();

  /**
   * Where its data is. It names what {@link #volume()} names; else a request with it throws {@code
   * IllegalArgumentException}.
   */
  SourceSpec source();
}
