// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

/** What a detach must have seen before it says that a volume is detached. */
public enum ReleaseProof {
  /**
   * QEMU was asked through its monitor and has neither the device nor a block node of the volume.
   * libvirt marks a domain whose monitor was used as tainted ({@code custom-monitor}).
   */
  QEMU,
  /**
   * Neither view shows the volume. For sites that forbid the monitor; weaker, and named as such.
   */
  XML
}
