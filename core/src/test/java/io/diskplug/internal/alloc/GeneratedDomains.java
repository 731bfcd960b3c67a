// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import static io.diskplug.internal.xml.read.DomainXml.ccwAddress;
import static io.diskplug.internal.xml.read.DomainXml.driveAddress;
import static io.diskplug.internal.xml.read.DomainXml.pciAddress;

import io.diskplug.domain.CcwAddress;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.internal.alloc.GeneratedDomain.Element;
import io.diskplug.internal.alloc.GeneratedDomain.Machine;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Makes domains, demands and occupied things at random. */
final class GeneratedDomains {

  private static final int BUSES = 8;
  private static final Set<View> LIVE = EnumSet.of(View.LIVE);
  private static final Set<View> PERSISTENT = EnumSet.of(View.PERSISTENT);
  private static final Set<View> BOTH = EnumSet.allOf(View.class);
  private static final List<String> TARGETS =
      List.of("vda", "vdb", "vdc", "vdd", "sda", "sdb", "sdc", "hda", "vdaa", "vda1", "xvda");
  private static final List<String> SCSI_MODELS =
      List.of("virtio-scsi", "lsilogic", "lsisas1068", "vmpvscsi", "am53c974", "buslogic");

  private GeneratedDomains() {}

  /** Domains of all machine types: running, transient and shut off. */
  static Arbitrary<GeneratedDomain> domains() {
    return Arbitraries.of(Machine.values())
        .flatMap(
            machine ->
                Combinators.combine(
                        Arbitraries.of(List.of(BOTH, BOTH, LIVE, PERSISTENT)),
                        controllers(machine),
                        devices(),
                        crowds())
                    .as(
                        (kinds, controllers, devices, crowds) -> {
                          List<Element> all = new ArrayList<>(devices);
                          crowds.forEach(all::addAll);
                          return new GeneratedDomain(machine, kinds, controllers, all);
                        }));
  }

  /** Demands that may be impossible. */
  static Arbitrary<Demand> demands() {
    return Combinators.combine(
            Arbitraries.of(
                DiskBus.VIRTIO, DiskBus.VIRTIO, DiskBus.VIRTIO, DiskBus.SCSI, DiskBus.SATA),
            aliases(),
            Arbitraries.of(TARGETS).injectNull(0.7),
            addresses().injectNull(0.7))
        .as(Demand::new);
  }

  /** Things that no view shows. */
  static Arbitrary<Occupied> occupied() {
    return Combinators.combine(
            Arbitraries.of(TARGETS).list().ofMaxSize(2),
            addresses().list().ofMaxSize(3),
            aliases().list().ofMaxSize(1))
        .as(
            (targetDevs, addresses, aliases) ->
                new Occupied(held(targetDevs), held(addresses), held(aliases)));
  }

  private static Arbitrary<List<Element>> controllers(Machine machine) {
    Arbitrary<Element> pci =
        Combinators.combine(
                Arbitraries.integers().between(1, BUSES - 1),
                Arbitraries.of(machine.models()),
                Arbitraries.of("", "", "", "<target hotplug='off'/>"),
                Arbitraries.of(
                    "", pciAddress(0, 1), pciAddress(0, 3), pciAddress(0, 3, 1), pciAddress(1, 0)),
                views())
            .as(
                (index, model, target, address, views) ->
                    new Element(controller("pci", index, model, target + address), views));
    Arbitrary<Element> scsi =
        Combinators.combine(
                Arbitraries.integers().between(0, 2),
                Arbitraries.of(SCSI_MODELS),
                Arbitraries.of("", pciAddress(0, 4)),
                views())
            .as(
                (index, model, address, views) ->
                    new Element(controller("scsi", index, model, address), views));
    // Two controllers with one index are no domain: the first one stays.
    return Combinators.combine(
            pci.list().ofMaxSize(8).uniqueElements(GeneratedDomains::head),
            scsi.list().ofMaxSize(2).uniqueElements(GeneratedDomains::head))
        .as(
            (pcis, scsis) -> {
              List<Element> all = new ArrayList<>(pcis);
              all.addAll(scsis);
              return all;
            });
  }

  private static Arbitrary<List<Element>> devices() {
    Arbitrary<Element> disk =
        Combinators.combine(
                Arbitraries.of(TARGETS),
                Arbitraries.of("virtio", "virtio", "scsi", "ide", "sata"),
                aliases().injectNull(0.5),
                addressXml(),
                views())
            .as(
                (target, bus, alias, address, views) ->
                    new Element(
                        "<disk type='file' device='disk'><target dev='%s' bus='%s'/>%s%s</disk>"
                            .formatted(target, bus, alias(alias), address),
                        views));
    Arbitrary<Element> other =
        Combinators.combine(
                Arbitraries.of("interface", "hostdev", "rng", "sound"),
                aliases().injectNull(0.5),
                addressXml(),
                views())
            .as(
                (kind, alias, address, views) ->
                    new Element(
                        "<%s>%s%s</%s>".formatted(kind, alias(alias), address, kind), views));
    return Arbitraries.oneOf(disk, other).list().ofMaxSize(12);
  }

  /** Rows of devices that leave little room. */
  private static Arbitrary<List<List<Element>>> crowds() {
    return Combinators.combine(
            Arbitraries.integers().between(0, BUSES - 1),
            Arbitraries.integers().between(0, 5),
            Arbitraries.integers().between(25, 31),
            views())
        .as(
            (bus, first, last, views) -> {
              List<Element> crowd = new ArrayList<>();
              for (int slot = first; slot <= last; slot++) {
                crowd.add(new Element("<rng>" + pciAddress(bus, slot) + "</rng>", views));
                crowd.add(
                    new Element("<hostdev>" + driveAddress(bus, 0, slot) + "</hostdev>", views));
              }
              return crowd;
            })
        .list()
        .ofMaxSize(3);
  }

  private static Arbitrary<DeviceAddress> addresses() {
    Arbitrary<DeviceAddress> pci =
        Combinators.combine(
                Arbitraries.integers().between(0, BUSES),
                Arbitraries.integers().between(0, 31),
                Arbitraries.of(0, 0, 0, 0, 1, 7))
            .as((bus, slot, function) -> new PciAddress(0, bus, slot, function));
    Arbitrary<DeviceAddress> drive =
        Combinators.combine(
                Arbitraries.integers().between(0, 2),
                Arbitraries.integers().between(0, 9),
                Arbitraries.integers().between(0, 9))
            .as((controller, target, unit) -> new DriveAddress(controller, 0, target, unit));
    Arbitrary<DeviceAddress> ccw =
        Arbitraries.integers().between(0, 9).map(devno -> CcwAddress.ofVirtio(devno));
    return Arbitraries.oneOf(List.of(pci, pci, drive, ccw));
  }

  private static Arbitrary<String> addressXml() {
    return addresses()
        .map(
            address -> {
              if (address instanceof PciAddress pci) {
                return pciAddress(pci.bus(), pci.slot(), pci.function());
              } else if (address instanceof DriveAddress drive) {
                return driveAddress(drive.controller(), drive.target(), drive.unit());
              }
              return ccwAddress(((CcwAddress) address).devno());
            });
  }

  private static Arbitrary<String> aliases() {
    return Arbitraries.integers().between(0, 30).map(number -> "ua-" + number);
  }

  private static Arbitrary<Set<View>> views() {
    return Arbitraries.of(List.of(BOTH, BOTH, BOTH, LIVE, PERSISTENT));
  }

  private static <K> Map<K, String> held(List<K> keys) {
    Map<K, String> held = new TreeMap<>(java.util.Comparator.comparing(String::valueOf));
    keys.forEach(key -> held.put(key, "somebody"));
    return held;
  }

  private static String head(Element controller) {
    return controller.xml().substring(0, controller.xml().indexOf(" model="));
  }

  private static String controller(String type, int index, String model, String children) {
    return "<controller type='%s' index='%d' model='%s'>%s</controller>"
        .formatted(type, index, model, children);
  }

  private static String alias(String alias) {
    return alias == null ? "" : "<alias name='" + alias + "'/>";
  }
}
