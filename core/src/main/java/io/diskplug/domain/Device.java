// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import org.jspecify.annotations.Nullable;

/**
 * A device that is neither a disk nor a controller, as far as it matters to placement.
 *
 * @param kind the name of its XML element, for example {@code interface}
 * @param alias its alias, if the view names one
 * @param address its address in the guest; never the host address of a {@code hostdev}'s source
 */
public record Device(String kind, @Nullable String alias, @Nullable DeviceAddress address)
    implements Holder {

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
