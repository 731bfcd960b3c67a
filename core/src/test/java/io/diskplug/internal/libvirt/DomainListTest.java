// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.NativeLongByReference;
import com.sun.jna.ptr.PointerByReference;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.KnownDomain;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.libvirt.jna.ConnectionPointer;
import org.libvirt.jna.DomainPointer;

/** What becomes of the pointers that a list of domains is made of. */
class DomainListTest {

  private static final int ACTIVE_AND_INACTIVE = 3;

  private final List<UUID> uuids = new ArrayList<>();
  private final List<Integer> freed = new ArrayList<>();
  private boolean refuses;
  private int nameless = -1;

  private final Connections connections =
      new Connections(ScriptedApi.of(this::answer), "scripted", false);

  private @Nullable Object answer(Method method, Object[] arguments) {
    return switch (method.getName()) {
      case "virConnectOpenAuth" -> new ConnectionPointer();
      case "virConnectIsAlive" -> 1;
      case "virConnectGetLibVersion" -> {
        ((NativeLongByReference) arguments[1]).setValue(new NativeLong(9_000_000));
        yield 0;
      }
      case "virConnectListAllDomains" -> {
        assertThat(arguments[2]).isEqualTo(ACTIVE_AND_INACTIVE);
        yield refuses ? -1 : list((PointerByReference) arguments[1]);
      }
      case "virDomainGetName" ->
          number(arguments[0]) == nameless ? null : "vm-" + number(arguments[0]);
      case "virDomainGetUUIDString" -> {
        byte[] text =
            uuids.get(number(arguments[0]) - 1).toString().getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, (byte[]) arguments[1], 0, text.length);
        yield 0;
      }
      case "virDomainFree" -> {
        freed.add(number(arguments[0]));
        yield 0;
      }
      case "virGetLastError" -> Pointer.NULL;
      case "virResetLastError" -> null;
      default -> throw new AssertionError("not expected: " + method);
    };
  }

  /** As libvirt allocates it: an array that the caller frees, with a null behind the last one. */
  private int list(PointerByReference result) {
    Pointer array = new Pointer(Native.malloc((long) (uuids.size() + 1) * Native.POINTER_SIZE));
    for (int i = 0; i < uuids.size(); i++) {
      array.setPointer((long) i * Native.POINTER_SIZE, new Pointer(i + 1));
    }
    array.setPointer((long) uuids.size() * Native.POINTER_SIZE, Pointer.NULL);
    result.setValue(array);
    return uuids.size();
  }

  private static int number(Object domain) {
    return (int) Pointer.nativeValue(((DomainPointer) domain).getPointer());
  }

  private List<KnownDomain> read() throws FaultException {
    LibvirtApi api = ScriptedApi.of(this::answer);
    return connections.call(Call.LIST_DOMAINS, connection -> DomainList.read(api, connection));
  }

  private void domains(int number) {
    for (int i = 1; i <= number; i++) {
      uuids.add(new UUID(7, i));
    }
  }

  @Test
  void eachDomainIsToldAndEachPointerGivenBack() throws Exception {
    domains(3);

    assertThat(read())
        .containsExactly(
            new KnownDomain(new UUID(7, 1), "vm-1"),
            new KnownDomain(new UUID(7, 2), "vm-2"),
            new KnownDomain(new UUID(7, 3), "vm-3"));
    assertThat(freed).containsExactly(1, 2, 3);
  }

  @Test
  void noDomainIsAnEmptyList() throws Exception {
    assertThat(read()).isEmpty();
    assertThat(freed).isEmpty();
  }

  @Test
  void aRefusalIsAFaultOfTheList() {
    refuses = true;

    assertThatThrownBy(this::read)
        .isInstanceOfSatisfying(
            FaultException.class, e -> assertThat(e.fault().call()).isEqualTo(Call.LIST_DOMAINS));
  }

  @Test
  void aDomainThatCannotBeToldLeavesNoPointerBehind() {
    domains(3);
    nameless = 2;

    assertThatThrownBy(this::read).isInstanceOf(FaultException.class);
    assertThat(freed).containsExactly(1, 2, 3);
  }
}
