// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import io.diskplug.disk.HostPort;
import io.diskplug.spi.StorageProbe.Reason;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Connects with librados. Every connection is shut down by a call, and none by a finalizer. */
final class NativeCeph implements CephClient {

  /** How many monitors librados tries at a time unless it is told; it goes on after 3 s. */
  private static final int MONITORS_AT_A_TIME = 3;

  private final Duration timeout;

  /**
   * @param timeout after which librados gives up: to connect, and for each operation
   */
  NativeCeph(Duration timeout) {
    this.timeout = timeout;
  }

  @Override
  public Session connect(RbdLogin login, Collection<HostPort> monitors) throws CephFault {
    String where =
        login.file().filter(file -> login.kind() == RbdLogin.Kind.CONF).isPresent()
            ? "as " + login
            : monitors + " as " + login.who();
    needLibraries(NativeCeph::load);
    if (login.file().isPresent() && !Files.isReadable(login.file().get())) {
      throw new CephFault(Reason.CANNOT_ASK, login.file().get() + " cannot be read");
    }
    PointerByReference created = new PointerByReference();
    int code = CephLibraries.RADOS.rados_create(created, login.user().orElse(null));
    if (code < 0) {
      throw CephFault.preparing(code, "rados_create failed");
    }
    Pointer cluster = created.getValue();
    boolean connected = false;
    try {
      configure(cluster, login, monitors, where);
      code = CephLibraries.RADOS.rados_connect(cluster);
      if (code < 0) {
        throw CephFault.connecting(code, where);
      }
      connected = true;
      return new CephConnection(cluster, where);
    } finally {
      if (!connected) {
        CephLibraries.RADOS.rados_shutdown(cluster);
      }
    }
  }

  private static void load() {
    Objects.requireNonNull(CephLibraries.RADOS);
    Objects.requireNonNull(CephLibraries.RBD);
  }

  /** Names what is missing; also the second time, when the class is what cannot be had. */
  static void needLibraries(Runnable load) throws CephFault {
    try {
      load.run();
    } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
      throw new CephFault(
          Reason.CANNOT_ASK,
          "librados.so.2 or librbd.so.1 cannot be loaded on this host: "
              + String.valueOf(e.getMessage()).lines().limit(2).collect(Collectors.joining(" ")));
    }
  }

  private void configure(
      Pointer cluster, RbdLogin login, Collection<HostPort> monitors, String where)
      throws CephFault {
    Path file = login.file().orElse(null);
    if (login.kind() == RbdLogin.Kind.CONF) {
      int code = CephLibraries.RADOS.rados_conf_read_file(cluster, String.valueOf(file));
      if (code < 0) {
        throw CephFault.preparing(code, file + " is no configuration");
      }
    } else {
      List<String> addresses = addresses(monitors);
      if (addresses.isEmpty()) {
        throw new CephFault(
            Reason.UNREACHABLE, where + ": none of the monitors' names can be resolved");
      }
      set(cluster, "mon_host", String.join(",", addresses));
      set(
          cluster,
          "mon_client_hunt_parallel",
          String.valueOf(Math.max(MONITORS_AT_A_TIME, addresses.size())));
      // Without a keyring that can be read, librados complains on standard error.
      set(cluster, "keyring", login.kind() == RbdLogin.Kind.KEYRING ? file + "" : "/dev/null");
    }
    for (Map.Entry<String, String> option : options().entrySet()) {
      set(cluster, option.getKey(), option.getValue());
    }
    if (login.kind() == RbdLogin.Kind.NONE) {
      set(cluster, "auth_client_required", "none");
    }
    if (login.key().isPresent()) {
      setKey(cluster, login, login.key().get(), where);
    }
  }

  private Map<String, String> options() {
    // librados knows whole seconds; 0 would mean to wait for ever.
    String seconds = String.valueOf(Math.max(1, timeout.toSeconds()));
    Map<String, String> options = new LinkedHashMap<>();
    options.put("client_mount_timeout", seconds);
    options.put("rados_mon_op_timeout", seconds);
    options.put("rados_osd_op_timeout", seconds);
    for (String output : List.of("log_to_stderr", "err_to_stderr", "log_to_syslog")) {
      options.put(output, "false");
    }
    options.put("log_file", "");
    options.put("admin_socket", "");
    options.put("debug_ms", "0");
    return options;
  }

  private static void set(Pointer cluster, String option, String value) throws CephFault {
    int code = CephLibraries.RADOS.rados_conf_set(cluster, option, value);
    if (code < 0) {
      throw CephFault.preparing(code, "librados does not take " + option + "=" + value);
    }
  }

  static byte[] supplied(RbdLogin login, Supplier<byte[]> supplier) throws CephFault {
    try {
      return supplier.get();
    } catch (RuntimeException e) {
      // Its text is not repeated: a supplier of secrets may put anything there. It may be
      // able to tell the key soon.
      throw new CephFault(
          Reason.NOT_KNOWN,
          "the key of " + login.who() + " cannot be had: " + e.getClass().getName());
    }
  }

  private static void setKey(
      Pointer cluster, RbdLogin login, Supplier<byte[]> supplier, String where) throws CephFault {
    byte[] supplied = supplied(login, supplier);
    byte[] key = CephxKey.strip(supplied);
    try {
      if (!CephxKey.isWellFormed(key)) {
        throw new CephFault(
            Reason.ACCESS_DENIED, where + ": what is to be the key is no cephx key");
      }
      try (Memory memory = new Memory(key.length + 1L)) {
        memory.clear();
        memory.write(0, key, 0, key.length);
        int code = CephLibraries.RADOS.rados_conf_set(cluster, "key", memory);
        memory.clear();
        if (code < 0) {
          throw CephFault.preparing(code, where + ": librados does not take the key");
        }
      }
    } finally {
      Arrays.fill(key, (byte) 0);
      Arrays.fill(supplied, (byte) 0);
    }
  }

  /** Resolved here: librados complains on standard error about names that it cannot resolve. */
  private static List<String> addresses(Collection<HostPort> monitors) {
    List<String> addresses = new ArrayList<>();
    for (HostPort monitor : monitors) {
      try {
        for (InetAddress address : InetAddress.getAllByName(monitor.host())) {
          String text = address.getHostAddress();
          addresses.add((text.contains(":") ? "[" + text + "]" : text) + ":" + monitor.port());
        }
      } catch (UnknownHostException e) {
        // The others may do.
      }
    }
    return addresses;
  }
}
