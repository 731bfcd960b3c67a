// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import java.util.regex.Pattern;

/**
 * A volume: the caller's stable name for it, and the storage that it is.
 *
 * @param id the volume id, for example {@code pvc-<uuid>}; becomes the serial that the guest sees
 *     (virtio-blk shows its first 20 bytes)
 * @param identity the source identity
 */
public record VolumeRef(String id, SourceIdentity identity) {

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  /**
   * Checks the id.
   *
   * @throws IllegalArgumentException if the id is not 1 to 64 of the characters A-Z, a-z, 0-9, '_'
   *     and '-'
   */
  public VolumeRef {
    if (!isId(id)) {
      throw new IllegalArgumentException(
          "volume id \"" + id + "\" is not 1 to 64 characters of A-Z a-z 0-9 _ -");
    }
  }

  /**
   * Whether a text can be a volume id.
   *
   * @param text the text
   */
  public static boolean isId(String text) {
    return ID.matcher(text).matches();
  }
}
