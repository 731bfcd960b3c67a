// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

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
    Optional<byte[]> decoded = decode(key);
    decoded.ifPresent(bytes -> Arrays.fill(bytes, (byte) 0));
    return decoded.isPresent();
  }

  /** The key without the base64, which is what libvirt wants; empty if it is not well-formed. */
  static Optional<byte[]> decode(byte[] key) {
    if (key.length == 0 || key.length > LONGEST_BASE64) {
      return Optional.empty();
    }
    // An array of ours: the decoder would leave what it has when it meets something wrong.
    byte[] room = new byte[(key.length + 3) / 4 * 3];
    try {
      int length = Base64.getDecoder().decode(key, room);
      return hasHeader(room, length) ? Optional.of(Arrays.copyOf(room, length)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    } finally {
      Arrays.fill(room, (byte) 0);
    }
  }

  private static boolean hasHeader(byte[] decoded, int decodedLength) {
    if (decodedLength <= HEADER) {
      return false;
    }
    ByteBuffer buffer = ByteBuffer.wrap(decoded).order(ByteOrder.LITTLE_ENDIAN);
    short type = buffer.getShort();
    buffer.position(buffer.position() + TIME);
    int length = Short.toUnsignedInt(buffer.getShort());
    return type > 0 && length == decodedLength - HEADER;
  }
}
