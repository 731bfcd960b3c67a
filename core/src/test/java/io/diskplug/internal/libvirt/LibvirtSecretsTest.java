// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.diskplug.disk.SecretUsage;
import io.diskplug.internal.fault.FaultException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.libvirt.jna.ConnectionPointer;
import org.libvirt.jna.SecretPointer;
import org.libvirt.jna.SizeT;

/** What becomes of the pointers and of the copy of a value. */
class LibvirtSecretsTest {

  private static final UUID SECRET = UUID.fromString("6f1b7a5e-52b1-4d7e-9f2c-2d8f4ad6a001");
  private static final byte[] VALUE = {1, 0, 2, (byte) 0xff};
  private static final int NO_SECRET = 66;

  /** Can be looked at when it is given back. */
  private final class Copy extends Memory {
    Copy(long size) {
      super(size);
    }

    @Override
    public void close() {
      left = getByteArray(0, (int) size());
      super.close();
    }
  }

  private final AtomicInteger held = new AtomicInteger();
  private int error;
  private byte @Nullable [] seen;
  private byte @Nullable [] left;

  private final LibvirtApi api = ScriptedApi.of(this::answer);

  private final LibvirtSecrets secrets =
      new LibvirtSecrets(api, new Connections(api, "scripted", false), Copy::new);

  private @Nullable Object answer(Method method, Object[] arguments) {
    return switch (method.getName()) {
      case "virConnectOpenAuth" -> new ConnectionPointer();
      case "virConnectIsAlive" -> 1;
      case "virConnectGetLibVersion" -> 0;
      case "virSecretLookupByUsage", "virSecretLookupByUUIDString", "virSecretDefineXML" -> {
        held.incrementAndGet();
        yield new SecretPointer();
      }
      case "virSecretFree" -> held.decrementAndGet();
      case "virSecretGetUUIDString" -> {
        byte[] text = SECRET.toString().getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, (byte[]) arguments[1], 0, text.length);
        yield result();
      }
      case "virSecretSetValue" -> {
        seen = ((Pointer) arguments[1]).getByteArray(0, ((SizeT) arguments[2]).intValue());
        yield result();
      }
      case "virSecretUndefine" -> result();
      case "virGetLastError" -> fault();
      case "virConnectClose" -> 0;
      default -> throw new AssertionError("not expected: " + method);
    };
  }

  private int result() {
    return error == 0 ? 0 : -1;
  }

  private Pointer fault() {
    Memory fault = new Memory(64);
    fault.clear();
    fault.setInt(0, error);
    fault.setInt(16, LibvirtApi.VIR_ERR_ERROR);
    return fault;
  }

  @Test
  void libvirtGetsTheValueAndTheCopyIsWiped() throws Exception {
    byte[] value = VALUE.clone();

    secrets.setValue(SECRET, value);

    assertThat(seen).isEqualTo(VALUE);
    assertThat(value).isEqualTo(VALUE);
    assertThat(left).hasSameSizeAs(VALUE).containsOnly(0);
    assertThat(held).hasValue(0);
  }

  @Test
  void theCopyIsWipedAlsoWhereLibvirtFails() {
    error = 38;

    assertThatThrownBy(() -> secrets.setValue(SECRET, VALUE)).isInstanceOf(FaultException.class);

    assertThat(seen).isEqualTo(VALUE);
    assertThat(left).hasSameSizeAs(VALUE).containsOnly(0);
    assertThat(held).hasValue(0);
  }

  @Test
  void everyPointerIsGivenBack() throws Exception {
    assertThat(secrets.find(SecretUsage.ceph("name"))).contains(SECRET);
    secrets.define("<secret/>");
    assertThat(secrets.remove(SECRET)).isTrue();

    assertThat(held).hasValue(0);
  }

  @Test
  void whatIsNotThereIsNoFailure() throws Exception {
    error = NO_SECRET;

    assertThat(secrets.find(SecretUsage.iscsi("name"))).isEmpty();
    assertThat(secrets.remove(SECRET)).isFalse();
    assertThatThrownBy(() -> secrets.setValue(SECRET, VALUE)).isInstanceOf(FaultException.class);

    assertThat(held).hasValue(0);
  }
}
