// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import io.diskplug.conformance.Machine.End;
import io.diskplug.conformance.Machine.Leftover;
import io.diskplug.conformance.TestBed;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.View;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Calls in the middle of which the daemon ends. It is ended at the moment when QEMU has opened the
 * image, or a little later: what that leaves is a matter of luck, so it is tried until it is what
 * was wanted.
 */
final class CutShort {

  private static final int MOST_TRIES = 60;

  /** What the dead daemon has sent is done by then. */
  private static final int CLEAN_LOOKS = 3;

  private static final Duration LONGEST_OPENING = Duration.ofSeconds(10);

  /** The steps in which the end is moved through the rest of the call. */
  private static final long STEP_NANOS = 500_000;

  private static final int STEPS = 40;

  private static final String COMMAND = "{\"execute\":\"%s\",\"arguments\":{\"%s\":\"%s\"}}";
  private static final Pattern NODE = Pattern.compile("\"node-name\": ?\"(libvirt-\\d+-\\w+)\"");

  private final LabTestBed bed;
  private final LabMachine machine;
  private final Guest guest;
  private final QemuMonitor qemu;

  CutShort(LabTestBed bed, LabMachine machine, Guest guest, QemuMonitor qemu) {
    this.bed = bed;
    this.machine = machine;
    this.guest = guest;
    this.qemu = qemu;
  }

  FaultException attach(String deviceXml, Set<View> scope, Leftover wanted) {
    Disk disk = DomainXmlReader.readDisk(deviceXml);
    String id = Optional.ofNullable(disk.userAlias()).orElseThrow();
    for (int i = 0; i < MOST_TRIES; i++) {
      long delay = wanted == Leftover.NODES ? 0 : STEP_NANOS * (4 + i % STEPS);
      FaultException fault = tryAttach(deviceXml, scope, disk, LibvirtDaemon.Signal.KILL, delay);
      boolean shown = guest.xml(View.LIVE).contains(id);
      boolean plugged = qemu.hasDevice(id);
      boolean open = guest.qemuHolds(Path.of(disk.source().name()));
      if (fault != null && !shown && open && plugged == (wanted == Leftover.DEVICE)) {
        return fault;
      }
      takeAway(disk, id);
    }
    throw new AssertionError("no such leftover after " + MOST_TRIES + " tries: " + wanted);
  }

  FaultException attach(String deviceXml, Set<View> scope) {
    Disk disk = DomainXmlReader.readDisk(deviceXml);
    for (int i = 0; i < MOST_TRIES; i++) {
      FaultException fault = tryAttach(deviceXml, scope, disk, LibvirtDaemon.Signal.TERM, 0);
      if (fault != null) {
        return fault;
      }
      takeAway(disk, Optional.ofNullable(disk.userAlias()).orElseThrow());
    }
    throw new AssertionError("the call was never cut short");
  }

  private @Nullable FaultException tryAttach(
      String deviceXml, Set<View> scope, Disk disk, LibvirtDaemon.Signal signal, long delay) {
    return cutShort(
        domain -> domain.attachDevice(deviceXml, scope),
        () -> {
          awaitOpen(disk.source().name());
          if (delay > 0) {
            LockSupport.parkNanos(delay);
          }
        },
        signal);
  }

  FaultException detach(String deviceXml, Set<View> scope, End how) {
    FaultException fault =
        cutShort(
            domain -> domain.detachDevice(deviceXml, scope),
            // These numbers need a job on the domain, which nobody gets while the detach waits.
            () ->
                bed.await(
                    "the detach waits for the guest",
                    () ->
                        !bed.lab()
                            .virsh("domstats", "--nowait", "--block", guest.name())
                            .contains(".rd.reqs")),
            how == End.TERM ? LibvirtDaemon.Signal.TERM : LibvirtDaemon.Signal.KILL);
    if (fault == null) {
      throw new AssertionError("the detach has returned before the daemon ended");
    }
    return fault;
  }

  @FunctionalInterface
  private interface DomainCall {
    void on(DomainHandle domain) throws FaultException;
  }

  private @Nullable FaultException cutShort(
      DomainCall call, Runnable moment, LibvirtDaemon.Signal signal) {
    try (HypervisorPort other = bed.connect()) {
      DomainHandle domain = other.lookup(DomainRef.uuid(machine.uuid()));
      TestBed.CallUnderWay underWay = bed.begin(() -> call.on(domain));
      moment.run();
      bed.daemon().end(signal);
      bed.daemon().start();
      try {
        underWay.join();
        return null;
      } catch (FaultException e) {
        return e;
      }
    } catch (FaultException e) {
      throw new AssertionError(e);
    }
  }

  /** Looks at what the process has open, which nobody has to be asked for. */
  private void awaitOpen(String file) {
    Path descriptors = Path.of("/proc", Long.toString(qemu.process().pid()), "fd");
    long end = System.nanoTime() + LONGEST_OPENING.toNanos();
    while (!isOpen(descriptors, file)) {
      if (System.nanoTime() > end) {
        throw new AssertionError("QEMU does not open " + file);
      }
      Thread.onSpinWait();
    }
  }

  private static boolean isOpen(Path descriptors, String file) {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(descriptors)) {
      for (Path one : all) {
        try {
          if (Files.readSymbolicLink(one).toString().equals(file)) {
            return true;
          }
        } catch (IOException e) {
          // Closed meanwhile.
        }
      }
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whatever a try has left. */
  private void takeAway(Disk disk, String id) {
    for (View view : View.values()) {
      DomainXmlReader.diskXml(guest.xml(view), disk.targetDev())
          .ifPresent(
              xml ->
                  guest.deviceOk("detach-device", xml, view == View.LIVE ? "--live" : "--config"));
    }
    // What the dead daemon has sent may be done by QEMU while this looks, so it is looked at again.
    AtomicBoolean asked = new AtomicBoolean();
    AtomicInteger clean = new AtomicInteger();
    bed.await(
        "nothing is left of " + id, () -> isTakenAway(disk.source().name(), id, asked, clean));
  }

  private boolean isTakenAway(
      String file, String device, AtomicBoolean asked, AtomicInteger clean) {
    if (qemu.hasDevice(device)) {
      if (!asked.getAndSet(true)) {
        String unused = guest.askQemu(COMMAND.formatted("device_del", "id", device));
      }
      clean.set(0);
      return false;
    }
    for (String node : nodesOn(file)) {
      String unused = guest.askQemu(COMMAND.formatted("blockdev-del", "node-name", node));
    }
    if (guest.qemuHolds(Path.of(file)) || qemu.hasDevice(device)) {
      clean.set(0);
      return false;
    }
    return clean.incrementAndGet() == CLEAN_LOOKS;
  }

  /** Formats before what they lie on: QEMU lists the newest node first. */
  private Iterable<String> nodesOn(String file) {
    String answer =
        guest.askQemu("{\"execute\":\"query-named-block-nodes\",\"arguments\":{\"flat\":true}}");
    java.util.List<String> names = new java.util.ArrayList<>();
    for (String node : answer.split("\"iops_rd\"", -1)) {
      Matcher name = NODE.matcher(node);
      if (node.contains("\"" + file + "\"") && name.find()) {
        names.add(name.group(1));
      }
    }
    names.sort(java.util.Comparator.naturalOrder());
    return names;
  }
}
