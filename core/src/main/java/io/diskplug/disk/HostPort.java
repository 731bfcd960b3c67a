// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A TCP endpoint of a storage: a Ceph monitor, an iSCSI portal.
 *
 * @param host its name or address; an IPv6 address without brackets
 * @param port its TCP port
 */
public record HostPort(String host, int port) {

  private static final int LAST_PORT = 65535;

  private static final Pattern TEXT =
      Pattern.compile("(?:\\[([^\\]]+)\\]|([^:\\[\\]]+))(?::([0-9]{1,5}))?");

  /**
   * Checks host and port.
   *
   * @throws IllegalArgumentException if the host is empty or has a character that no name or
   *     address has, or the port is not between 1 and 65535
   */
  public HostPort {
    if (host.isEmpty() || !host.chars().allMatch(HostPort::allowed)) {
      throw new IllegalArgumentException("\"" + host + "\" is not a host name or address");
    }
    if (port < 1 || port > LAST_PORT) {
      throw new IllegalArgumentException("the port of " + host + " is " + port);
    }
  }

  /**
   * Reads {@code host}, {@code host:port}, {@code [ipv6]} or {@code [ipv6]:port}.
   *
   * @param text the text
   * @param defaultPort the port if the text has none
   * @throws IllegalArgumentException if the text is neither
   */
  public static HostPort parse(String text, int defaultPort) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not HOST, HOST:PORT, [IPV6] or [IPV6]:PORT");
    }
    String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
    String port = matcher.group(3);
    return new HostPort(host, port == null ? defaultPort : Integer.parseInt(port));
  }

  /** {@code host:port}, with an IPv6 address in brackets: what {@link #parse} reads. */
  @Override
  public String toString() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }

  private static boolean allowed(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || ".-_:".indexOf(c) >= 0;
  }
}
