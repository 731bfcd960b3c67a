// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.libvirt;

import static io.diskplug.internal.libvirt.NativeFaults.check;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import io.diskplug.disk.SecretUsage;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.ErrorCode;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.SecretStore;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.libvirt.jna.CString;
import org.libvirt.jna.SecretPointer;
import org.libvirt.jna.SizeT;

/** The secrets of a libvirt daemon. Safe for use by several threads. */
final class LibvirtSecrets implements SecretStore {

  private final LibvirtApi api;
  private final Connections connections;
  private final LongFunction<Memory> memory;

  LibvirtSecrets(LibvirtApi api, Connections connections) {
    this(api, connections, Memory::new);
  }

  /** With another native memory, for tests. */
  LibvirtSecrets(LibvirtApi api, Connections connections, LongFunction<Memory> memory) {
    this.api = api;
    this.connections = connections;
    this.memory = memory;
  }

  @Override
  public Optional<UUID> find(SecretUsage usage) throws FaultException {
    return ifThere(
        Call.READ_SECRET,
        connection ->
            api.virSecretLookupByUsage(connection.pointer(), usageType(usage), usage.name()),
        secret -> {
          byte[] text = new byte[LibvirtApi.VIR_UUID_STRING_BUFLEN];
          check(api, Call.READ_SECRET, api.virSecretGetUUIDString(secret, text));
          return UUID.fromString(Native.toString(text));
        });
  }

  @Override
  public Optional<String> xml(UUID uuid) throws FaultException {
    return ifThere(
        Call.READ_SECRET,
        byUuid(uuid),
        secret -> {
          CString xml = check(api, Call.READ_SECRET, api.virSecretGetXMLDesc(secret, 0));
          return xml.toString();
        });
  }

  @Override
  public void define(String secretXml) throws FaultException {
    boolean unused =
        with(
            Call.DEFINE_SECRET,
            connection -> api.virSecretDefineXML(connection.pointer(), secretXml, 0),
            secret -> true);
  }

  @Override
  public void setValue(UUID uuid, byte[] value) throws FaultException {
    int unused =
        with(
            Call.SET_SECRET,
            byUuid(uuid),
            secret -> {
              try (Memory copy = memory.apply(value.length)) {
                try {
                  copy.write(0, value, 0, value.length);
                  return check(
                      api,
                      Call.SET_SECRET,
                      api.virSecretSetValue(secret, copy, new SizeT(value.length), 0));
                } finally {
                  copy.clear();
                }
              }
            });
  }

  @Override
  public boolean remove(UUID uuid) throws FaultException {
    return ifThere(
            Call.REMOVE_SECRET,
            byUuid(uuid),
            secret -> check(api, Call.REMOVE_SECRET, api.virSecretUndefine(secret)))
        .isPresent();
  }

  private static int usageType(SecretUsage usage) {
    return usage.isCeph()
        ? LibvirtApi.VIR_SECRET_USAGE_TYPE_CEPH
        : LibvirtApi.VIR_SECRET_USAGE_TYPE_ISCSI;
  }

  /** Where a secret comes from; null if libvirt has failed. */
  @FunctionalInterface
  private interface Origin {
    @Nullable SecretPointer get(Connection connection);
  }

  private Origin byUuid(UUID uuid) {
    return connection -> api.virSecretLookupByUUIDString(connection.pointer(), uuid.toString());
  }

  private <T> Optional<T> ifThere(
      Call call, Origin origin, Connections.NativeCall<SecretPointer, T> body)
      throws FaultException {
    try {
      return Optional.of(with(call, origin, body));
    } catch (FaultException e) {
      if (e.fault().code() == ErrorCode.NO_SECRET) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private <T> T with(Call call, Origin origin, Connections.NativeCall<SecretPointer, T> body)
      throws FaultException {
    return connections.call(
        call,
        connection -> {
          SecretPointer secret = check(api, call, origin.get(connection));
          try {
            return body.apply(secret);
          } finally {
            api.virSecretFree(secret);
          }
        });
  }
}
