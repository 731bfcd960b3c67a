// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A volume: the caller's stable name for it, and the storage that it is.
 *
 * @param id the volume id, for example {@code pvc-<uuid>}; becomes the serial that the guest sees,
 *     unless the disk has another ({@link io.diskplug.disk.SerialChoice})
 * @param identity the source identity
 */
public record VolumeRef(String id, SourceIdentity identity) {

  private static final String DERIVED_PREFIX = "dp";
  private static final int DERIVED_HASH_BYTES = 9;

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

  /**
   * The serial that is derived from the id: {@code dp} and the first 18 hexadecimal digits, in
   * lower case, of the SHA-256 of the id's bytes. These are 20 characters, which a guest sees whole
   * on each bus. It is the same for ever, and another program can compute it: {@code printf dp%.18s
   * "$(printf %s "$ID" | sha256sum)"}.
   */
  public String derivedSerial() {
    byte[] hash = SourceIdentity.sha256().digest(id.getBytes(StandardCharsets.UTF_8));
    return DERIVED_PREFIX + HexFormat.of().formatHex(hash, 0, DERIVED_HASH_BYTES);
  }

  /**
   * Whether a serial is one that this library makes of the id: the id itself, or the one derived
   * from it.
   *
   * @param serial the serial of a disk, if it has one
   */
  public boolean makes(@Nullable String serial) {
    return id.equals(serial)
        || (serial != null
            && serial.startsWith(DERIVED_PREFIX)
            && serial.equals(derivedSerial())); // a hash, computed where it can be the answer
  }
}
