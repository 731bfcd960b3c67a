// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import static io.diskplug.internal.xml.read.DomainXml.pciAddress;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.alloc.Advice;
import io.diskplug.alloc.Advice.Kind;
import io.diskplug.alloc.NoRoom;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.internal.alloc.Allocation.Full;
import io.diskplug.internal.alloc.Allocation.Placed;
import io.diskplug.internal.model.Controller;
import io.diskplug.internal.model.Device;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.model.HeldByDisk;
import io.diskplug.internal.model.Holder;
import io.diskplug.internal.xml.read.DomainXml;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;
import org.jspecify.annotations.Nullable;

/** What an explanation offers is accepted when it is done. */
class AdviceProperties {

  /** The others are rare here: {@code GrowthTest} has them. */
  private static final List<Kind> FREQUENT =
      List.of(
          Kind.SHUT_DOWN,
          Kind.ADD_PCI_CONTROLLER,
          Kind.FREE_A_PLACE,
          Kind.SCSI_BUS,
          Kind.OTHER_DOMAIN);

  @Property
  void whatIsOfferedToAnyDomainIsAccepted(
      @ForAll("domains") GeneratedDomain domain, @ForAll boolean waived) {
    check(domain.views(), waived);
  }

  /** Domains with hardly a place left: each kind of advice occurs. */
  @Property(tries = 2000)
  void whatIsOfferedToAFullDomainIsAccepted(
      @ForAll("fullDomains") DomainViews views, @ForAll boolean waived) {
    for (Kind kind : check(views, waived)) {
      Statistics.collect(kind);
    }
    Statistics.coverage(
        coverage -> {
          for (Kind kind : FREQUENT) {
            coverage.check(kind).count(count -> count > 0);
          }
        });
  }

  /** The change that each kind of advice stands for, and the answer of the allocator after it. */
  private static List<Kind> check(DomainViews views, boolean waived) {
    Demand demand = new Demand(DiskBus.VIRTIO, "ua-new", null, null, waived);
    if (!(Allocator.allocate(views, demand, Occupied.NOTHING) instanceof Full full)) {
      return List.of();
    }
    DomainView persistent = views.persistent();
    List<Kind> kinds = new ArrayList<>();
    for (Advice advice : full.noRoom().advice()) {
      kinds.add(advice.kind());
      boolean accepted =
          switch (advice.kind()) {
            case SHUT_DOWN -> isPlaced(shutOff(persistent), demand);
            case SHUT_DOWN_AND_WAIVE_UNPLUG -> isPlaced(shutOff(persistent), waive(demand));
            case WAIVE_UNPLUG -> isPlaced(views, waive(demand));
            case RESTART -> isPlaced(started(persistent), demand);
            case ADD_PCI_CONTROLLER -> isPlaced(started(withBus(persistent)), demand);
            case FREE_A_PLACE -> isPlacedWhereADeviceWas(views, full.noRoom(), demand);
            case SCSI_BUS -> isPlaced(views, Demand.of(DiskBus.SCSI, "ua-new"));
            case ADD_SCSI_CONTROLLER -> throw new AssertionError("not for virtio");
            case OTHER_DOMAIN -> full.noRoom().advice().size() == 1;
          };
      assertThat(accepted).as(advice + " of " + full.noRoom()).isTrue();
    }
    assertThat(kinds).isNotEmpty().doesNotHaveDuplicates();
    return kinds;
  }

  private static boolean isPlaced(DomainViews views, Demand demand) {
    return Allocator.allocate(views, demand, Occupied.NOTHING) instanceof Placed;
  }

  private static Demand waive(Demand demand) {
    return new Demand(demand.bus(), demand.alias(), null, null, true);
  }

  private static DomainViews shutOff(@Nullable DomainView persistent) {
    return new DomainViews(null, Objects.requireNonNull(persistent));
  }

  private static DomainViews started(@Nullable DomainView persistent) {
    DomainView one = Objects.requireNonNull(persistent);
    return new DomainViews(copy(View.LIVE, one, one.disks(), one.devices()), one);
  }

  /** With a controller of the model that the advice names, at the first place that it has. */
  private static DomainView withBus(@Nullable DomainView persistent) {
    DomainView one = Objects.requireNonNull(persistent);
    Growth growth =
        Objects.requireNonNull(
            PciGrowth.next(new Ledger(shutOff(one), Occupied.NOTHING), null, null));
    for (Controller controller : growth.controllers()) {
      DeviceAddress seat = Objects.requireNonNull(controller.address());
      assertThat(one.holders()).noneMatch(holder -> seat.equals(holder.address()));
    }
    return one.with(growth.controllers());
  }

  /** Any place that devices alone hold can be freed, and is taken then. */
  private static boolean isPlacedWhereADeviceWas(DomainViews views, NoRoom noRoom, Demand demand) {
    boolean placed = false;
    for (String holder : noRoom.holders()) {
      String place = holder.substring(0, holder.indexOf(": "));
      DomainViews freed =
          new DomainViews(without(views.live(), place), without(views.persistent(), place));
      boolean controllers =
          views.present().stream()
              .flatMap(view -> view.controllers().stream())
              .anyMatch(controller -> isAt(controller, place));
      // The chipset's own slots are not freed by what a generated domain has there besides.
      placed |= !controllers && !freed.equals(views) && isPlaced(freed, demand);
    }
    return placed;
  }

  private static @Nullable DomainView without(@Nullable DomainView view, String place) {
    return view == null
        ? null
        : copy(
            view.view(),
            view,
            view.disks().stream().filter(disk -> !isAt(new HeldByDisk(disk), place)).toList(),
            view.devices().stream().filter(device -> !isAt(device, place)).toList());
  }

  private static boolean isAt(Holder holder, String place) {
    DeviceAddress address = holder.address();
    return address instanceof PciAddress pci
        ? place.equals(new PciAddress(pci.domain(), pci.bus(), pci.slot(), 0).toString())
        : address != null && place.equals(address.toString());
  }

  private static DomainView copy(
      View kind, DomainView view, List<Disk> disks, List<Device> devices) {
    return new DomainView(
        kind,
        view.uuid(),
        view.name(),
        view.architecture(),
        view.machine(),
        view.controllers(),
        disks,
        devices);
  }

  @Provide
  Arbitrary<GeneratedDomain> domains() {
    return GeneratedDomains.domains();
  }

  @Provide
  Arbitrary<DomainViews> fullDomains() {
    Arbitrary<DomainXml> one =
        Combinators.combine(
                Arbitraries.of("pc", "q35", "q35", "q35", "microvm"),
                Arbitraries.of(true, false),
                Arbitraries.of(1, 2, 3),
                Arbitraries.of("none", "free", "taken"),
                Arbitraries.of("none", "free", "taken"),
                Arbitraries.of(true, false, false))
            .as(AdviceProperties::fullDomain);
    return Combinators.combine(one, one, Arbitraries.of("off", "live", "same", "differ"))
        .as(
            (xml, other, state) ->
                switch (state) {
                  case "off" -> xml.shutOff();
                  case "live" -> xml.live();
                  case "same" -> xml.running();
                  default ->
                      xml.shutOff()
                              .persistent()
                              .machine()
                              .equals(other.shutOff().persistent().machine())
                          ? xml.running(other)
                          : xml.running();
                });
  }

  /** A root bus with some slots left, a bus with hot-plug and one without. */
  private static DomainXml fullDomain(
      String machine, boolean acpi, int left, String plug, String noPlug, boolean scsi) {
    DomainXml xml =
        switch (machine) {
          case "pc" -> DomainXml.pc();
          case "q35" -> DomainXml.q35();
          default -> DomainXml.of("x86_64", machine);
        };
    if (!acpi) {
      xml.withoutAcpi();
    }
    String model = machine.equals("q35") ? "pcie-root-port" : "pci-bridge";
    bus(xml, 1, model, "", plug, machine);
    bus(xml, 2, model, "<target hotplug='off'/>", noPlug, machine);
    if (scsi) {
      xml.scsi(0, "virtio-scsi");
    }
    for (int slot = 3; slot < 33 - left; slot++) {
      xml.other("rng", "", pciAddress(0, slot));
    }
    return xml;
  }

  private static void bus(
      DomainXml xml, int index, String model, String target, String state, String machine) {
    boolean isPort = machine.equals("q35");
    if (state.equals("none") || machine.equals("microvm")) {
      xml.other("rng", "", pciAddress(0, index));
      return;
    }
    xml.controller("pci", index, model, target + pciAddress(0, index));
    for (int function = 1; isPort && function < 8; function++) {
      // No further port in this slot.
      xml.other("sound", "", pciAddress(0, index, function));
    }
    int first = isPort ? 0 : 1;
    int last = isPort ? 0 : 31;
    for (int slot = first; state.equals("taken") && slot <= last; slot++) {
      xml.other("rng", "", pciAddress(index, slot));
    }
  }
}
