// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

/** A moment in a call, at which something can go wrong. */
public enum Moment {
  /** The call has not reached the daemon. */
  BEFORE,
  /** Attach: QEMU has opened the volume, and has no device for it yet. */
  VOLUME_OPENED,
  /** Attach: QEMU has plugged the device, and the live view does not show it yet. */
  DEVICE_PLUGGED,
  /** Attach: the live view shows the disk, the persistent one does not yet. */
  LIVE_CHANGED,
  /** Detach: QEMU has asked the guest, and the persistent view still has the disk. */
  UNPLUG_REQUESTED,
  /** The persistent view has been saved. */
  CONFIG_SAVED,
  /** The call has had its effect, and the caller has no answer yet. */
  AFTER
}
