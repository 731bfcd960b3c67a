// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

import io.diskplug.domain.CcwAddress;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.internal.model.OtherAddress;

/**
 * Reads the {@code <address>} of a device. What an address leaves out is 0, as in libvirt ({@code
 * virPCIDeviceAddressParseXML}, {@code virDomainDeviceDriveAddressParseXML}, {@code
 * virDomainDeviceCCWAddressParseXML}).
 */
final class AddressReader {

  private AddressReader() {}

  /** Reads the element that the cursor is in, and leaves it. */
  static DeviceAddress read(XmlCursor cursor) {
    String type = cursor.attribute("type");
    DeviceAddress address =
        switch (type == null ? "" : type) {
          case "pci" -> pci(cursor);
          case "drive" -> drive(cursor);
          case "ccw" -> ccw(cursor);
          default -> new OtherAddress(type == null ? "" : type);
        };
    cursor.skip();
    return address;
  }

  /** The attributes of a PCI address, of the guest or of the host. */
  static PciAddress pci(XmlCursor cursor) {
    return new PciAddress(
        XmlNumbers.any(cursor, "domain", 0xffff),
        XmlNumbers.any(cursor, "bus", 0xff),
        XmlNumbers.any(cursor, "slot", 0x1f),
        XmlNumbers.any(cursor, "function", 7));
  }

  private static DriveAddress drive(XmlCursor cursor) {
    return new DriveAddress(
        XmlNumbers.decimal(cursor, "controller", Integer.MAX_VALUE, 0),
        XmlNumbers.decimal(cursor, "bus", Integer.MAX_VALUE, 0),
        XmlNumbers.decimal(cursor, "target", Integer.MAX_VALUE, 0),
        XmlNumbers.decimal(cursor, "unit", Integer.MAX_VALUE, 0));
  }

  private static CcwAddress ccw(XmlCursor cursor) {
    return new CcwAddress(
        XmlNumbers.any(cursor, "cssid", 0xfe),
        XmlNumbers.any(cursor, "ssid", 3),
        XmlNumbers.any(cursor, "devno", 0xffff));
  }
}
