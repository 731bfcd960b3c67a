// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.libvirt;

import static io.diskplug.internal.libvirt.NativeFaults.check;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;

/** A list of {@code virTypedParameter}, in libvirt's memory and by libvirt's functions. */
final class TypedParameters implements AutoCloseable {

  private final LibvirtApi api;
  private final Call call;
  private final PointerByReference list = new PointerByReference();
  private final IntByReference count = new IntByReference();
  private final IntByReference capacity = new IntByReference();

  /**
   * An empty list.
   *
   * @param call the call that it is for, which the faults name
   */
  TypedParameters(LibvirtApi api, Call call) {
    this.api = api;
    this.call = call;
  }

  void add(String name, long value) throws FaultException {
    check(api, call, api.virTypedParamsAddULLong(list, count, capacity, name, value));
  }

  void add(String name, String value) throws FaultException {
    check(api, call, api.virTypedParamsAddString(list, count, capacity, name, value));
  }

  Pointer pointer() {
    return list.getValue();
  }

  int count() {
    return count.getValue();
  }

  @Override
  public void close() {
    api.virTypedParamsFree(list.getValue(), count.getValue());
  }
}
