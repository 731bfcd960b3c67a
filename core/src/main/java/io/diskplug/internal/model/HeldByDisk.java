// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import org.jspecify.annotations.Nullable;

/**
 * A disk as the holder of an alias and an address.
 *
 * @param disk the disk
 */
public record HeldByDisk(Disk disk) implements Holder {

  @Override
  public @Nullable String alias() {
    return disk.alias();
  }

  @Override
  public @Nullable DeviceAddress address() {
    return disk.address();
  }

  @Override
  public boolean isOnScsiBus() {
    return disk.bus() == DiskBus.SCSI;
  }

  @Override
  public String description() {
    return disk.description();
  }
}
