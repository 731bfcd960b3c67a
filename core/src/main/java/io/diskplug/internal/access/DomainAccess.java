// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.access;

import io.diskplug.disk.IoTune;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.engine.Calls;
import io.diskplug.internal.engine.Deadline;
import io.diskplug.internal.fault.ErrorCode;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.ControlState;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.internal.port.DomainHandle.DiskSize;
import io.diskplug.internal.port.DomainHandle.Subscription;
import io.diskplug.internal.qemu.QemuView;
import io.diskplug.internal.qemu.UnexpectedAnswerException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A domain whose calls belong to a request, and end with it one way or the other. */
public final class DomainAccess {

  private static final Duration LONGEST_POOL_QUESTION = Duration.ofSeconds(1);

  /** A command that QEMU has not answered for so long is not about to be answered. */
  public static final Duration LONG_COMMAND = Duration.ofSeconds(1);

  private static final Duration SIGN_HOLDS = Duration.ofMillis(250);

  private final DomainHandle domain;
  private final Calls calls;
  private final Deadline deadline;
  private final LongJobs longJobs;

  /**
   * What was left of the time at the last sign that no call hangs: the job of the domain was free,
   * or a change got it and has returned.
   */
  private @Nullable Duration lastSign;

  /** The same at the first of the looks, all of them up to now, that could not tell. */
  private @Nullable Duration hiddenSince;

  public DomainAccess(DomainHandle domain, Calls calls, Deadline deadline, LongJobs longJobs) {
    this.domain = domain;
    this.calls = calls;
    this.deadline = deadline;
    this.longJobs = longJobs;
  }

  public DomainStatus status() throws FaultException {
    return calls.call(Call.READ_STATUS, domain::status);
  }

  public OptionalInt run() throws FaultException {
    return calls.call(Call.LOOKUP, domain::run);
  }

  /**
   * What the daemon does for the call of some client, if it would let a reading of the XML wait for
   * that.
   */
  public Optional<ControlState> inTheWayOfReading() throws FaultException {
    return domain.daemon().readingTakesJob()
        ? Optional.of(control()).filter(ControlState::isJobTaken)
        : Optional.empty();
  }

  public List<String> targetDevs() throws FaultException {
    return calls.call(Call.READ_STATS, domain::targetDevs);
  }

  /**
   * What a call that needs the domain's job would wait for.
   *
   * @param why in words
   * @param mayEndSoon whether the next look may show that there is nothing to wait for
   */
  public record Busy(String why, boolean mayEndSoon) {}

  /**
   * Says so if QEMU has not answered a command for long, or it cannot be told whether it has. The
   * daemon answers this at once.
   */
  public Optional<Busy> occupiedMonitor() throws FaultException {
    return occupiedMonitor(control());
  }

  /**
   * The same without another look.
   *
   * @param state what the last look has shown
   */
  public Optional<Busy> occupiedMonitor(ControlState state) {
    if (state.isHidden()) {
      // What hides began after the last sign, so that it has not lasted for long yet.
      if (hasSign(LONG_COMMAND)) {
        return Optional.empty();
      }
      boolean mayEndSoon = hiddenFor().compareTo(LONG_COMMAND) < 0;
      return Optional.of(
          new Busy(
              "the daemon works on the domain for another call beside a long job, such as a backup,"
                  + " and does not say whether QEMU answers",
              mayEndSoon));
    }
    Duration occupied = state.occupiedFor();
    return occupied.compareTo(LONG_COMMAND) < 0
        ? Optional.empty()
        : Optional.of(
            new Busy(
                "QEMU's monitor has been occupied for " + occupied.toMillis() + " ms",
                /* mayEndSoon= */ false));
  }

  /**
   * The same, if there was no sign for a while that QEMU answers. Where reading takes the job, each
   * round begins with such a sign.
   */
  public Optional<Busy> occupiedMonitorOfLate() throws FaultException {
    return hasSign(SIGN_HOLDS) ? Optional.empty() : occupiedMonitor();
  }

  /** Whether the last sign that no call hangs is not older than that. */
  private boolean hasSign(Duration since) {
    return lastSign != null && lastSign.minus(remaining()).compareTo(since) < 0;
  }

  private ControlState control() throws FaultException {
    ControlState state = calls.call(Call.READ_CONTROL, domain::control);
    if (!state.isHidden()) {
      hiddenSince = null;
    } else if (hiddenSince == null) {
      hiddenSince = remaining();
    }
    if (!state.isJobTaken()) {
      answers();
    }
    return state;
  }

  /** For how long each look has found a call whose progress a long job hides. */
  private Duration hiddenFor() {
    Duration since = hiddenSince;
    return since == null ? Duration.ZERO : since.minus(remaining());
  }

  private void answers() {
    lastSign = remaining();
    hiddenSince = null;
  }

  /**
   * The long job for whose end libvirt would let a change wait, in words. Asked for only if the
   * domain may have one.
   *
   * @param status the domain as it was read last
   */
  public Optional<String> longJob(DomainStatus status) throws FaultException {
    return longJobs.mayBe(uuid(), status) ? askForLongJob() : Optional.empty();
  }

  private Optional<String> askForLongJob() throws FaultException {
    Optional<String> job = calls.call(Call.READ_JOB, domain::longJob);
    if (job.isEmpty()) {
      longJobs.none(uuid());
    }
    return job.map(
        name ->
            "libvirt lets changes of the domain wait for the end of a "
                + name
                + " (virsh domjobinfo)");
  }

  public String xml(View view) throws FaultException {
    return calls.call(Call.READ_XML, () -> domain.xml(view));
  }

  /**
   * Takes half of the time that is left at most, so that a storage that does not answer cannot keep
   * the request beyond its deadline.
   */
  String storagePoolXml(String pool) throws FaultException {
    Duration half = remaining().dividedBy(2);
    Duration atMost = half.compareTo(LONGEST_POOL_QUESTION) < 0 ? half : LONGEST_POOL_QUESTION;
    if (atMost.toMillis() == 0) {
      throw new FaultException(
          new LibvirtFault(
              Call.READ_POOL, ErrorCode.OPERATION_TIMEOUT, 0, "there is no time left to ask"));
    }
    return calls.call(Call.READ_POOL, () -> domain.storagePoolXml(pool, atMost));
  }

  public void attachDevice(String xml, Set<View> scope) throws FaultException {
    run(Call.ATTACH, () -> domain.attachDevice(xml, scope));
  }

  /** The same for a controller; its faults are told apart from those of a disk. */
  public void attachController(String xml, Set<View> scope) throws FaultException {
    run(
        Call.ATTACH_CONTROLLER,
        () -> {
          try {
            domain.attachDevice(xml, scope);
          } catch (FaultException e) {
            LibvirtFault fault = e.fault();
            throw new FaultException(
                new LibvirtFault(
                    Call.ATTACH_CONTROLLER, fault.code(), fault.domain(), fault.message()));
          }
        });
  }

  public void updateDevice(String xml, Set<View> scope) throws FaultException {
    run(Call.UPDATE, () -> domain.updateDevice(xml, scope));
  }

  public void detachDevice(String xml, Set<View> scope) throws FaultException {
    run(Call.DETACH, () -> domain.detachDevice(xml, scope));
  }

  public void detachDeviceByAlias(String alias, Set<View> scope) throws FaultException {
    run(Call.DETACH, () -> domain.detachDeviceByAlias(alias, scope));
  }

  public void setLimits(String targetDev, IoTune limits, Set<View> scope) throws FaultException {
    run(Call.SET_LIMITS, () -> domain.setLimits(targetDev, limits, scope));
  }

  public DiskSize size(String targetDev) throws FaultException {
    return calls.call(Call.READ_SIZE, () -> domain.size(targetDev));
  }

  public void resize(String targetDev, long bytes) throws FaultException {
    run(Call.RESIZE, () -> domain.resize(targetDev, bytes));
  }

  /**
   * What is noted in the domain before a change.
   *
   * @param namespace where
   * @param element what
   * @param isInTheWay whether the change is not made after such a fault of the note
   */
  public record Note(String namespace, String element, Predicate<LibvirtFault> isInTheWay) {}

  /**
   * The same with a note before it, as one call: a request that ends during the note has been sent,
   * and only a process that dies leaves a note without its request.
   */
  public void detachDeviceByAlias(String alias, Set<View> scope, Note note) throws FaultException {
    run(
        Call.DETACH,
        () -> {
          noteFirst(note);
          domain.detachDeviceByAlias(alias, scope);
        });
  }

  /**
   * The same for a request that was made before. The guest may have released the disk since, while
   * libvirt waits for the job of the domain and still shows it: a request that finds no device in
   * QEMU can end libvirtd 9.0 to 11.3. So QEMU is asked between the note, which may have waited for
   * the job, and the request.
   *
   * @throws FaultException also if QEMU has no such device any more; then nothing was requested
   */
  public void repeatDetachByAlias(String alias, Set<View> scope, Note note) throws FaultException {
    run(
        Call.DETACH,
        () -> {
          noteFirst(note);
          if (isDropped(alias, note)) {
            throw new FaultException(
                new LibvirtFault(
                    Call.DETACH,
                    ErrorCode.DEVICE_MISSING,
                    0,
                    "no device found with alias "
                        + alias
                        + ": QEMU has dropped it, and libvirt still shows it; if that stays, a"
                        + " restart of libvirtd makes it look again"));
          }
          domain.detachDeviceByAlias(alias, scope);
        });
  }

  /**
   * Whether QEMU says that it has no such device.
   *
   * @throws FaultException if QEMU could not be asked because the job was taken, for the request
   *     would wait for it, too
   */
  private boolean isDropped(String alias, Note note) throws FaultException {
    try {
      return !QemuView.hasDevice(domain::askQemu, alias);
    } catch (FaultException e) {
      if (note.isInTheWay().test(e.fault())) {
        throw e;
      }
      return false; // the request itself tells what is wrong
    } catch (UnexpectedAnswerException e) {
      return false; // the same
    }
  }

  /**
   * A request without a note is not known to other processes. So what fails once is tried again,
   * unless libvirt takes no notes at all.
   */
  private void noteFirst(Note note) throws FaultException {
    Optional<LibvirtFault> fault = write(note);
    if (fault.isPresent() && fault.get().code() != ErrorCode.NO_SUPPORT) {
      Optional<LibvirtFault> unused = write(note);
    }
  }

  /** Writes a note; a fault that is not in the way is returned. */
  private Optional<LibvirtFault> write(Note note) throws FaultException {
    try {
      domain.note(note.namespace(), note.element());
      return Optional.empty();
    } catch (FaultException e) {
      if (note.isInTheWay().test(e.fault())) {
        throw e;
      }
      return Optional.of(e.fault());
    }
  }

  /**
   * Notes something in the domain. Requests make and remove notes before they look whether a change
   * would wait, so that it is looked for here.
   *
   * @param element what; null removes the note
   */
  public void note(String namespace, @Nullable String element) throws FaultException {
    Optional<String> inTheWay = occupiedMonitorOfLate().map(Busy::why);
    if (inTheWay.isEmpty() && longJobs.hasMissedTheLock(uuid())) {
      inTheWay = askForLongJob();
    }
    if (inTheWay.isPresent()) {
      throw new FaultException(
          new LibvirtFault(Call.NOTE, ErrorCode.OPERATION_TIMEOUT, 0, inTheWay.get()));
    }
    run(Call.NOTE, () -> domain.note(namespace, element));
  }

  public String askQemu(String command) throws FaultException {
    return calls.call(Call.ASK_QEMU, () -> domain.askQemu(command));
  }

  public String changeQemu(String command) throws FaultException {
    return calls.call(Call.CHANGE_QEMU, () -> domain.askQemu(command));
  }

  /** Does not block. */
  public Subscription subscribe(Runnable signal) {
    return domain.subscribe(signal);
  }

  public UUID uuid() {
    return domain.uuid();
  }

  public Duration remaining() {
    return deadline.remaining();
  }

  private void run(Call call, VoidBody body) throws FaultException {
    calls.call(
        call,
        () -> {
          try {
            body.run();
          } catch (FaultException e) {
            // Here, because a request that was answered meanwhile does not get to see the fault.
            longJobs.failed(uuid(), e.fault());
            throw e;
          }
          return Boolean.TRUE;
        });
    answers();
  }

  @FunctionalInterface
  private interface VoidBody {
    void run() throws FaultException;
  }
}
