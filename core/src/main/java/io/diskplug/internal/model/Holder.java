// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import io.diskplug.domain.DeviceAddress;
import org.jspecify.annotations.Nullable;

/** What may hold an alias and an address in a view: a controller, a disk or another device. */
public interface Holder {

  /** The name of the device in QEMU; null if the view shows none. */
  @Nullable String alias();

  /** Where the device sits in the guest; null if the view shows nothing. */
  @Nullable DeviceAddress address();

  /** Whether a drive address of it is one on a SCSI controller. */
  boolean isOnScsiBus();

  /** What it is, for people, for example {@code disk vdb} or {@code interface net0}. */
  String description();
}
