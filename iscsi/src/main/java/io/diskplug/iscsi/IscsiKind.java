// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import io.diskplug.domain.StorageSource;
import io.diskplug.spi.StorageKind;
import io.diskplug.spi.StorageProbe;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * LUNs of iSCSI: how QEMU's block driver (block/iscsi.c) names them, and what its messages and
 * those of libiscsi under it mean. {@link java.util.ServiceLoader} finds it, so that nothing is to
 * be done where this module is on the class path. Immutable.
 */
public final class IscsiKind implements StorageKind {

  /** The first that fits counts. */
  private static final List<Message> MESSAGES =
      List.of(
          message(
              "Failed to connect to LUN.*LOGICAL_UNIT_NOT_SUPPORTED",
              StorageProbe.Reason.NOT_FOUND),
          message("Failed to log in to target.*Target not found", StorageProbe.Reason.NOT_FOUND),
          message(
              "Failed to log in to target.*(Authori[sz]ation|Authentication) fail",
              StorageProbe.Reason.ACCESS_DENIED),
          message("RESERVATION_CONFLICT|RESERVATION CONFLICT", StorageProbe.Reason.IN_USE),
          message(
              "Can not reconnect right now|iSCSI: Failed to connect",
              StorageProbe.Reason.UNREACHABLE));

  private record Message(Pattern words, StorageProbe.Reason meaning) {}

  /** For {@link java.util.ServiceLoader}. */
  public IscsiKind() {}

  private static Message message(String words, StorageProbe.Reason meaning) {
    return new Message(Pattern.compile(words), meaning);
  }

  @Override
  public String name() {
    return IscsiDisk.PROTOCOL;
  }

  @Override
  public Set<String> drivers() {
    return Set.of("iscsi");
  }

  @Override
  public StorageSource opened(String driver, Map<String, String> options) {
    String target = options.get("target");
    if (target == null) {
      throw new IllegalArgumentException("a block node of QEMU has no \"target\"");
    }
    String lun = options.getOrDefault("lun", "0");
    return new StorageSource(name(), target + "/" + lun, null, List.of());
  }

  @Override
  public Optional<StorageProbe.Reason> meaning(String words) {
    return MESSAGES.stream()
        .filter(message -> message.words().matcher(words).find())
        .map(Message::meaning)
        .findFirst();
  }
}
