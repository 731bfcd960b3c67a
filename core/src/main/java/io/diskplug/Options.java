// SPDX-License-Identifier: Apache-2.0
package io.diskplug;

import io.diskplug.exec.ReleaseProof;
import io.diskplug.fault.FaultClassifier;
import io.diskplug.libvirt.ProcessState;

/**
 * How a {@link DiskPlug} works.
 *
 * @param processState who owns libvirt's event loop and error function in this process
 * @param releaseProof what a detach must have seen before it says so
 * @param classifier says what libvirt's errors mean
 */
public record Options(
    ProcessState processState, ReleaseProof releaseProof, FaultClassifier classifier) {

  /**
   * This library owns libvirt in this process, QEMU is asked before anything is called detached,
   * and errors mean what the library's own table says.
   */
  public static final Options DEFAULTS =
      new Options(ProcessState.OWNED, ReleaseProof.QEMU, FaultClassifier.standard());

  /**
   * The same with another owner of what libvirt has once in a process.
   *
   * @param processState the owner
   */
  public Options with(ProcessState processState) {
    return new Options(processState, releaseProof, classifier);
  }

  /**
   * The same with another proof.
   *
   * @param releaseProof what a detach must have seen
   */
  public Options with(ReleaseProof releaseProof) {
    return new Options(processState, releaseProof, classifier);
  }

  /**
   * The same with another classifier.
   *
   * @param classifier says what libvirt's errors mean
   */
  public Options with(FaultClassifier classifier) {
    return new Options(processState, releaseProof, classifier);
  }
}
