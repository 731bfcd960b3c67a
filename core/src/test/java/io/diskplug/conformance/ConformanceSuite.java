// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.fault.Condition;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.kind.ExampleKind;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;

/** What the cases of every topic need. */
public abstract class ConformanceSuite {

  static final long SIZE = 8 << 20;

  private static final AtomicInteger NUMBER = new AtomicInteger();

  /** Where the cases run. */
  protected abstract Machines machines();

  @AfterEach
  void tidy() throws FaultException {
    machines().tidy();
  }

  final TestBed bed() {
    return machines().bed();
  }

  final Subject pc() throws FaultException {
    return machines().booted(MachineSpec.pc());
  }

  final Subject q35() throws FaultException {
    return machines().booted(MachineSpec.q35(8));
  }

  /** A domain of the case's own that runs and whose guest has not booted. */
  final Subject paused(MachineSpec spec) {
    Subject subject = machines().fresh(spec);
    subject.machine().startPaused();
    return subject;
  }

  /** A virtio disk on a new image, with a serial of its own. */
  final DiskElement disk(String targetDev) {
    return DiskElement.virtio(bed().file(SIZE), targetDev).serial(serial());
  }

  static String serial() {
    return "serial-" + NUMBER.incrementAndGet();
  }

  /** A user alias that no other case uses. */
  static String alias() {
    return "ua-dp-case-" + NUMBER.incrementAndGet();
  }

  /** The call fails with this code, and the library takes it for this condition. */
  static LibvirtFault refused(int code, Condition condition, TestBed.Call call) {
    Throwable thrown = catchThrowable(call::run);
    assertThat(thrown).isInstanceOf(FaultException.class);
    LibvirtFault fault = ((FaultException) thrown).fault();
    assertThat(fault.code()).as("the code of %s", fault).isEqualTo(code);
    means(condition, fault);
    return fault;
  }

  /** The library takes it for this condition. */
  static void means(Condition condition, LibvirtFault fault) {
    assertThat(ExampleKind.FAULTS.classify(fault).condition())
        .as("the condition of %s", fault)
        .isEqualTo(condition);
  }
}
