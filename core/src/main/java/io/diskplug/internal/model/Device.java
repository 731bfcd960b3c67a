// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.StorageSource;
import org.jspecify.annotations.Nullable;

/**
 * A device that is neither a disk nor a controller, as far as it matters to placement.
 *
 * @param kind the name of its XML element, for example {@code interface}
 * @param alias its alias, if the view names one
 * @param address its address in the guest; never the host address of a {@code hostdev}'s source
 * @param source the storage of a SCSI device of the host that is passed through, a LUN for example,
 *     or of the firmware ({@code nvram}); null for other devices
 */
public record Device(
    String kind,
    @Nullable String alias,
    @Nullable DeviceAddress address,
    @Nullable StorageSource source)
    implements Holder {

  /**
   * A device without storage of its own.
   *
   * @param kind the name of its XML element
   * @param alias its alias, if the view names one
   * @param address its address in the guest
   */
  public Device(String kind, @Nullable String alias, @Nullable DeviceAddress address) {
    this(kind, alias, address, null);
  }

  /** Of these, only a SCSI device of the host has a drive address. */
  @Override
  public boolean isOnScsiBus() {
    return address instanceof DriveAddress;
  }

  /** Its kind and, if it has one, its alias: {@code interface net0}. */
  @Override
  public String description() {
    return alias == null ? kind : kind + " " + alias;
  }
}
