// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.libvirt;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/** A libvirt whose functions a test answers. */
final class ScriptedApi {

  /** Answers a call of a function. */
  @FunctionalInterface
  interface Script {
    @Nullable Object answer(Method function, Object[] arguments) throws InterruptedException;
  }

  private ScriptedApi() {}

  static LibvirtApi of(Script script) {
    return (LibvirtApi)
        Proxy.newProxyInstance(
            LibvirtApi.class.getClassLoader(),
            new Class<?>[] {LibvirtApi.class},
            (proxy, function, arguments) -> script.answer(function, arguments));
  }
}
