// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;

/** What libiscsi leaves to its caller: to wait for a socket, and no longer than one wants. */
interface Libc extends Library {

  Libc LIBC = Native.load(Platform.C_LIBRARY_NAME, Libc.class);

  int AF_INET = 2;
  int AF_INET6 = 10;

  int EINTR = 4;

  /** {@code struct pollfd { int fd; short events; short revents; }}. */
  int POLLFD_BYTES = 8;

  int POLLFD_EVENTS = 4;
  int POLLFD_REVENTS = 6;

  int poll(Pointer fds, NativeLong count, int timeoutMillis);

  int inet_pton(int family, String text, Pointer address);

  /** Whether a host is an address, so that no resolver has to be asked. */
  static boolean isAddress(String host) {
    try (Memory address = new Memory(16)) {
      return LIBC.inet_pton(AF_INET, host, address) == 1
          || LIBC.inet_pton(AF_INET6, host, address) == 1;
    }
  }
}
