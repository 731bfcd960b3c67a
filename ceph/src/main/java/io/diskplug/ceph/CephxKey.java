// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;

/**
 * What a cephx key looks like. librados prints one that it cannot read to its log and to standard
 * error, so it must not get such a key at all.
 */
final class CephxKey {

  /** Type (2 bytes), time of creation (4 and 4) and length of the secret (2), little-endian. */
  private static final int HEADER = 12;

  private static final int TIME = 8;
  private static final int LONGEST_BASE64 = 1024;

  private CephxKey() {}

  /** The key without the white space around it, which a key read from a file often has. */
  static byte[] strip(byte[] key) {
    int start = 0;
    int end = key.length;
    while (start < end && key[start] <= ' ') {
      start++;
    }
    while (end > start && key[end - 1] <= ' ') {
      end--;
    }
    return Arrays.copyOfRange(key, start, end);
  }

  /** Whether a cluster could have made this key: base64 of a header and a secret. */
  static boolean isWellFormed(byte[] key) {
    if (key.length == 0 || key.length > LONGEST_BASE64) {
      return false;
    }
    byte[] decoded;
    try {
      decoded = Base64.getDecoder().decode(key);
    } catch (IllegalArgumentException e) {
      return false;
    }
    try {
      if (decoded.length <= HEADER) {
        return false;
      }
      ByteBuffer buffer = ByteBuffer.wrap(decoded).order(ByteOrder.LITTLE_ENDIAN);
      short type = buffer.getShort();
      buffer.position(buffer.position() + TIME);
      int length = Short.toUnsignedInt(buffer.getShort());
      return type > 0 && length == decoded.length - HEADER;
    } finally {
      Arrays.fill(decoded, (byte) 0);
    }
  }
}
