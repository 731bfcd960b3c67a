// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.place;

import io.diskplug.alloc.NewController;
import io.diskplug.alloc.Placement;
import io.diskplug.domain.CcwAddress;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.match.LimitGroups;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.internal.xml.write.AddressXml;
import io.diskplug.internal.xml.write.AliasXml;
import io.diskplug.internal.xml.write.ControllerXml;
import io.diskplug.internal.xml.write.ControllerXmlWriter;
import io.diskplug.internal.xml.write.DiskElement;
import io.diskplug.internal.xml.write.DiskXml;
import io.diskplug.internal.xml.write.DiskXmlWriter;
import io.diskplug.internal.xml.write.TargetXml;
import io.diskplug.spi.DiskSource;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts together what a backend says of a disk and where the allocator puts it. */
public final class DiskElements {

  private DiskElements() {}

  /**
   * The element that is sent to libvirt.
   *
   * @param source the disk
   * @param placement where it goes
   * @param views the domain
   * @param present the disk in each view that has it
   * @param missing the views that the disk is to be plugged into
   */
  public static String write(
      DiskSource source,
      Placement placement,
      DomainViews views,
      Map<View, Disk> present,
      Set<View> missing) {
    DiskXml disk = element(source, placement.targetDev());
    disk.serial = SerialRules.toSend(source, present);
    LimitGroups.spell(views, missing, disk.iotune);
    return write(disk, placement);
  }

  /** The element of a controller. */
  public static String write(NewController controller) {
    ControllerXml xml = new ControllerXml();
    xml.type = "scsi";
    xml.index = Integer.toString(controller.index());
    xml.model = controller.model();
    xml.alias = new AliasXml();
    xml.alias.name = controller.alias();
    xml.address = address(controller.address());
    return ControllerXmlWriter.write(xml);
  }

  /** The element for a domain without a group of disks that the disk belongs to. */
  public static String write(DiskSource source, Placement placement) {
    return write(element(source, placement.targetDev()), placement);
  }

  private static String write(DiskXml disk, Placement placement) {
    disk.alias = new AliasXml();
    disk.alias.name = placement.alias();
    disk.address = address(placement.address());
    return DiskXmlWriter.write(disk);
  }

  /**
   * The disk that a source asks for, before it has a place: as libvirt would show it.
   *
   * @throws IllegalArgumentException if the source is not that of the volume: it would be attached,
   *     and not be found again
   */
  public static Disk wanted(DiskSource source) {
    VolumeRef volume = source.volume();
    DiskXml xml = element(source, "unplaced");
    Disk disk = DomainXmlReader.readDisk(DiskXmlWriter.write(xml));
    if (!volume.identity().names(disk.source())) {
      throw new IllegalArgumentException(
          "the disk of volume "
              + volume.id()
              + " has the source "
              + disk.source()
              + ", which is not "
              + volume.identity());
    }
    return disk;
  }

  private static DiskXml element(DiskSource source, String targetDev) {
    DiskXml disk = DiskElement.of(source.options(), source.source());
    disk.serial = SerialRules.wanted(source);
    disk.target = new TargetXml();
    disk.target.dev = targetDev;
    disk.target.bus = source.options().bus().xmlName();
    return disk;
  }

  private static @Nullable AddressXml address(@Nullable DeviceAddress address) {
    if (address == null) {
      return null;
    }
    AddressXml xml = new AddressXml();
    xml.type = address.type();
    if (address instanceof PciAddress pci) {
      xml.domain = hex(pci.domain());
      xml.bus = hex(pci.bus());
      xml.slot = hex(pci.slot());
      xml.function = hex(pci.function());
    } else if (address instanceof DriveAddress drive) {
      xml.controller = Integer.toString(drive.controller());
      xml.bus = Integer.toString(drive.bus());
      xml.target = Integer.toString(drive.target());
      xml.unit = Integer.toString(drive.unit());
    } else if (address instanceof CcwAddress ccw) {
      xml.cssid = hex(ccw.cssid());
      xml.ssid = hex(ccw.ssid());
      xml.devno = hex(ccw.devno());
    } else {
      throw new IllegalArgumentException("no disk sits at an address of type " + address.type());
    }
    return xml;
  }

  private static String hex(int number) {
    return "0x" + Integer.toHexString(number);
  }
}
