// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The addresses of a network, or a single one. Names are not resolved. Immutable.
 *
 * @param address the address, of 4 or of 16 bytes
 * @param bits how many of its first bits all addresses of the network have
 */
record ClientNetwork(InetAddress address, int bits) {

  /**
   * An address as Ceph writes it: with the version of the protocol from Ceph 14 on, port and nonce
   * behind it, and brackets around an IPv6 address.
   */
  private static final Pattern OF_CLIENT =
      Pattern.compile("(?:(?:v1|v2|any):)?(?:\\[([0-9a-fA-F:.]+)]|([0-9.]+)):\\d+(?:/\\d+)?");

  private static final Pattern NETWORK = Pattern.compile("([0-9a-fA-F:.]+)(?:/(\\d{1,3}))?");
  private static final String BYTE = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
  private static final Pattern IPV4 = Pattern.compile(BYTE + "(?:\\." + BYTE + "){3}");

  /**
   * Reads {@code 192.0.2.7}, {@code 192.0.2.0/24}, {@code 2001:db8::7} or {@code 2001:db8::/64}.
   *
   * @throws IllegalArgumentException if it is anything else, or a network of all addresses
   */
  static ClientNetwork parse(String text) {
    Matcher parts = NETWORK.matcher(text);
    Optional<InetAddress> address = parts.matches() ? literal(parts.group(1)) : Optional.empty();
    if (address.isEmpty()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is neither an IP address nor a network, as 192.0.2.0/24");
    }
    int most = address.get().getAddress().length * Byte.SIZE;
    int bits = parts.group(2) == null ? most : Integer.parseInt(parts.group(2));
    if (bits < 1 || bits > most) {
      throw new IllegalArgumentException(
          "the network \"" + text + "\" has not 1 to " + most + " bits");
    }
    return new ClientNetwork(address.get(), bits);
  }

  /** Whether a client with this address, as Ceph writes it, is in the network. */
  boolean contains(String client) {
    Matcher parts = OF_CLIENT.matcher(client);
    return parts.matches()
        && literal(parts.group(1) == null ? parts.group(2) : parts.group(1))
            .filter(this::contains)
            .isPresent();
  }

  private boolean contains(InetAddress other) {
    byte[] mine = address.getAddress();
    byte[] theirs = other.getAddress();
    if (mine.length != theirs.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> (bit % Byte.SIZE);
      if (((mine[bit / Byte.SIZE] ^ theirs[bit / Byte.SIZE]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Asks no name server: what is no address in digits is none. */
  private static Optional<InetAddress> literal(String text) {
    if (!text.contains(":") && !IPV4.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      // With a colon or four numbers it is taken for an address, and never for a name.
      return Optional.of(InetAddress.getByName(text));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }
}
