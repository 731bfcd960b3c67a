// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import io.diskplug.domain.StorageSource;
import io.diskplug.spi.StorageKind;
import io.diskplug.spi.StorageProbe;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Images of Ceph: how QEMU's block driver (block/rbd.c) names them, and what its messages mean.
 * {@link java.util.ServiceLoader} finds it, so that nothing is to be done where this module is on
 * the class path. Immutable.
 */
public final class RbdKind implements StorageKind {

  private static final String MISSING = "No such file or directory";
  private static final String DENIED =
      "(Operation not permitted|Permission denied|Read-only file system)";

  /** What strerror(3) says of a cluster that is away. */
  private static final String AWAY =
      "(Input/output error|Transport endpoint is not connected|No such device( or address)?"
          + "|Host is down|No route to host|Network is unreachable"
          + "|Connection (timed out|refused|reset by peer)|Resource temporarily unavailable"
          + "|Remote I/O error|Stale file handle|No medium found"
          // A client that the cluster has shut out; the next connection is a new client.
          + "|Cannot send after transport endpoint shutdown)";

  /**
   * The first that fits counts. Before rados_connect asks anything, it looks for the monitors:
   * EINVAL is also a name among them that cannot be resolved at the time, ENOENT also a DNS SRV
   * record.
   */
  private static final List<Message> MESSAGES =
      List.of(
          message("error reading conf file ", StorageProbe.Reason.CANNOT_ASK),
          message(
              "error connecting: (Invalid argument|" + MISSING + ")",
              StorageProbe.Reason.NOT_KNOWN),
          message(
              "error connecting: (Operation not (permitted|supported)|Permission denied)",
              StorageProbe.Reason.ACCESS_DENIED),
          message("error connecting: ", StorageProbe.Reason.UNREACHABLE),
          message("error opening pool .*: " + MISSING, StorageProbe.Reason.NOT_FOUND),
          message("error opening pool .*: " + DENIED, StorageProbe.Reason.ACCESS_DENIED),
          message("error opening pool .*: " + AWAY, StorageProbe.Reason.UNREACHABLE),
          message("error reading header from .*: " + MISSING, StorageProbe.Reason.NOT_FOUND),
          message("error reading header from .*: " + DENIED, StorageProbe.Reason.ACCESS_DENIED),
          message("error reading header from .*: " + AWAY, StorageProbe.Reason.UNREACHABLE));

  private record Message(Pattern words, StorageProbe.Reason meaning) {}

  /** For {@link java.util.ServiceLoader}. */
  public RbdKind() {}

  private static Message message(String words, StorageProbe.Reason meaning) {
    return new Message(Pattern.compile(words), meaning);
  }

  @Override
  public String name() {
    return RbdImage.PROTOCOL;
  }

  @Override
  public Set<String> drivers() {
    return Set.of("rbd");
  }

  @Override
  public StorageSource opened(String driver, Map<String, String> options) {
    String namespace = options.getOrDefault("namespace", "");
    String name =
        required(options, "pool")
            + (namespace.isEmpty() ? "/" : "/" + namespace + "/")
            + required(options, "image");
    return new StorageSource(name(), name, options.get("snapshot"), List.of());
  }

  private static String required(Map<String, String> options, String option) {
    String value = options.get(option);
    if (value == null) {
      throw new IllegalArgumentException("a block node of QEMU has no \"" + option + "\"");
    }
    return value;
  }

  @Override
  public Optional<StorageProbe.Reason> meaning(String words) {
    return MESSAGES.stream()
        .filter(message -> message.words().matcher(words).find())
        .map(Message::meaning)
        .findFirst();
  }
}
