// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.StorageSource;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.model.TargetDev;
import io.diskplug.internal.xml.read.DomainXmlException;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A disk of one view: the element as it came in, and beside it what libvirt keeps for itself.
 *
 * @param disk what the element says
 * @param body the element without its alias, its address and the layers below its source
 * @param alias the alias in this view, if it has one
 * @param address where it sits
 * @param numbers the numbers of the block nodes of its layers, the uppermost first; none in the
 *     persistent view
 * @param below the layers below its source
 * @param mirror what it is being copied to
 */
record DiskDefinition(
    Disk disk,
    String body,
    @Nullable String alias,
    @Nullable DeviceAddress address,
    List<Integer> numbers,
    List<StorageSource> below,
    @Nullable StorageSource mirror) {

  private static final Pattern DECLARATION = Pattern.compile("^\\s*<\\?xml[^>]*\\?>\\s*");
  private static final Pattern OWN =
      Pattern.compile(
          "<alias\\b[^>]*/>|<alias\\b[^>]*></alias>|<address\\b[^>]*/>|<address\\b[^>]*></address>"
              + "|<backingStore\\b.*</backingStore>|<backingStore\\b[^>]*/>|<mirror\\b.*</mirror>",
          Pattern.DOTALL);
  private static final Pattern INDEX =
      Pattern.compile("(<source\\b[^>]*?)\\s+index=(?:'[^']*'|\"[^\"]*\")");
  private static final Pattern SOURCE =
      Pattern.compile("<source\\b[^>]*/>|<source\\b.*</source>", Pattern.DOTALL);

  private static final Pattern IOTUNE =
      Pattern.compile("<iotune\\b.*</iotune>|<iotune/>", Pattern.DOTALL);
  private static final Pattern SERIAL = Pattern.compile("[A-Za-z0-9 _.+-]*");
  private static final Pattern FORMAT = Pattern.compile("(<driver\\b[^>]*\\stype=)(['\"])raw\\2");

  private static final Pattern KNOWN_PREFIX = Pattern.compile("hd|vd|sd|xvd|ubd");
  private static final Pattern PARTITION = Pattern.compile("(" + KNOWN_PREFIX + ")[a-z]+[0-9]+");

  /** libvirt keeps no other alias of a user's, and says nothing ({@code virDomainDeviceInfo…}). */
  private static final Pattern USER_ALIAS = Pattern.compile("ua-[A-Za-z0-9_-]+");

  DiskDefinition {
    numbers = List.copyOf(numbers);
    below = List.copyOf(below);
  }

  /** A disk as it is asked for. */
  static DiskDefinition parse(Generation generation, Call call, String xml) throws FaultException {
    Disk asked;
    try {
      asked = DomainXmlReader.readDisk(xml);
    } catch (DomainXmlException e) {
      throw Refusals.notWellFormed(call);
    }
    String own = OWN.matcher(DECLARATION.matcher(xml).replaceFirst("")).replaceAll("");
    String body = Rewriting.kept(generation, INDEX.matcher(own).replaceAll("$1").strip());
    return Rewriting.withoutZeroes(
        new DiskDefinition(
            DomainXmlReader.readDisk(body),
            body,
            userAlias(asked.alias()),
            isNoAddress(asked.address()) ? null : asked.address(),
            List.of(),
            List.of(),
            null));
  }

  /** What libvirt looks at before it looks at the domain ({@code virDomainDiskDefValidate}). */
  void validate(Generation generation) throws FaultException {
    String target = target();
    if (!KNOWN_PREFIX.matcher(target).lookingAt()) {
      throw Refusals.unknownTargetPrefix(generation, target);
    }
    if (!TargetDev.isValid(target)) {
      throw PARTITION.matcher(target).matches()
          ? Refusals.unsupported("Invalid harddisk device name: " + target)
          : Refusals.malformed(Call.ATTACH, "Invalid harddisk device name: " + target);
    }
    String serial = disk.serial();
    if (serial != null && !SERIAL.matcher(serial).matches()) {
      throw Refusals.unsafeSerial(serial);
    }
  }

  private static boolean isNoAddress(@Nullable DeviceAddress address) {
    return address instanceof PciAddress pci && pci.isZero();
  }

  static @Nullable String userAlias(@Nullable String alias) {
    return alias != null && USER_ALIAS.matcher(alias).matches() ? alias : null;
  }

  String target() {
    return disk.targetDev();
  }

  boolean isScsi() {
    return disk.bus() == DiskBus.SCSI;
  }

  StorageSource source() {
    return disk.source();
  }

  /** The name that libvirt makes up for a device without a user alias. */
  String defaultAlias() {
    if (address instanceof DriveAddress drive) {
      return "scsi%d-%d-%d-%d"
          .formatted(drive.controller(), drive.bus(), drive.target(), drive.unit());
    }
    String prefix = target().replaceFirst("^(hd|vd|sd|xvd|ubd).*", "$1");
    return disk.bus().xmlName() + "-disk" + TargetDev.index(prefix, target());
  }

  DiskDefinition at(@Nullable DeviceAddress place) {
    return new DiskDefinition(disk, body, alias, place, numbers, below, mirror);
  }

  DiskDefinition live(List<Integer> newNumbers) {
    String name = alias == null ? defaultAlias() : alias;
    String running = Rewriting.running(body);
    return new DiskDefinition(
        running.equals(body) ? disk : DomainXmlReader.readDisk(running),
        running,
        name,
        address,
        newNumbers,
        below,
        mirror);
  }

  /** As the persistent view has it. */
  DiskDefinition persistent() {
    return new DiskDefinition(disk, body, userAlias(alias), address, List.of(), below, null);
  }

  DiskDefinition mirroredTo(@Nullable StorageSource copy) {
    return new DiskDefinition(disk, body, alias, address, numbers, below, copy);
  }

  /** On another file, with or without what it lay on below. */
  DiskDefinition pivotedTo(String file, boolean keepsOldBelow, List<Integer> newNumbers) {
    String moved = SOURCE.matcher(body).replaceFirst("<source file='" + file + "'/>");
    if (keepsOldBelow) {
      moved = FORMAT.matcher(moved).replaceFirst("$1'qcow2'");
    }
    List<StorageSource> layers =
        keepsOldBelow ? Stream.concat(Stream.of(source()), below.stream()).toList() : List.of();
    return new DiskDefinition(
        DomainXmlReader.readDisk(moved), moved, alias, address, newNumbers, layers, null);
  }

  /** With these limits and no others. */
  DiskDefinition limitedTo(Map<String, String> limits) {
    StringBuilder element = new StringBuilder();
    if (!limits.isEmpty()) {
      element.append("<iotune>");
      limits.forEach(
          (name, value) -> element.append("<%1$s>%2$s</%1$s>".formatted(name, escaped(value))));
      element.append("</iotune>");
    }
    String old = IOTUNE.matcher(body).replaceAll("");
    int end = old.lastIndexOf("</");
    String limited = old.substring(0, end) + element + old.substring(end);
    return new DiskDefinition(
        DomainXmlReader.readDisk(limited), limited, alias, address, numbers, below, mirror);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** As a reader of the view would see it. */
  Disk shown() {
    return new Disk(
        disk.device(),
        disk.targetDev(),
        disk.bus(),
        disk.model(),
        disk.source(),
        below,
        numbers.isEmpty() && (!below.isEmpty() || disk.mayHaveUntoldLayers()),
        mirror,
        disk.serial(),
        alias,
        address,
        disk.readOnly(),
        disk.shareable(),
        disk.driver(),
        disk.ioTune(),
        disk.blockIo(),
        Map.of());
  }

  /** The element. */
  String xml() {
    int end = body.lastIndexOf("</");
    StringBuilder xml = new StringBuilder(body.length() + 200);
    String head = body.substring(0, end);
    if (!numbers.isEmpty()) {
      head = head.replaceFirst("<source\\b", "<source index='" + numbers.get(0) + "'");
    }
    xml.append(head);
    for (int i = 0; i < below.size(); i++) {
      String index = numbers.size() > i + 1 ? " index='" + numbers.get(i + 1) + "'" : "";
      xml.append("<backingStore type='file'")
          .append(index)
          .append("><source file='")
          .append(below.get(i).name())
          .append("'/>");
    }
    if (!numbers.isEmpty()) {
      xml.append("<backingStore/>");
    }
    xml.append("</backingStore>".repeat(below.size()));
    if (mirror != null) {
      xml.append("<mirror type='file' job='copy' ready='yes'><source file='")
          .append(mirror.name())
          .append("'/></mirror>");
    }
    if (alias != null) {
      xml.append("<alias name='").append(alias).append("'/>");
    }
    if (address instanceof PciAddress pci) {
      xml.append(
          "<address type='pci' domain='0x%04x' bus='0x%02x' slot='0x%02x' function='0x%x'/>"
              .formatted(pci.domain(), pci.bus(), pci.slot(), pci.function()));
    } else if (address instanceof DriveAddress drive) {
      xml.append(
          "<address type='drive' controller='%d' bus='%d' target='%d' unit='%d'/>"
              .formatted(drive.controller(), drive.bus(), drive.target(), drive.unit()));
    }
    return xml.append(body, end, body.length()).toString();
  }
}
