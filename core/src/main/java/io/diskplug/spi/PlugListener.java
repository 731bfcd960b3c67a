// SPDX-License-Identifier: Apache-2.0
package io.diskplug.spi;

import io.diskplug.alloc.NewController;
import io.diskplug.alloc.Placement;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Pending.WaitingFor;
import io.diskplug.outcome.Unavailable;
import java.time.Duration;
import java.util.Optional;

/**
 * Is told what becomes of requests, for metrics and for progress. Every method does nothing unless
 * it is overridden.
 *
 * <p><strong>Threads.</strong> The methods are called one after the other, on one thread that does
 * nothing else; a listener that several {@code DiskPlug}s are connected with is called by a thread
 * of each. Each call has the MDC of its request, as the log lines of the request have.
 *
 * <p><strong>Order.</strong> The events of one request are told in the order in which they
 * happened: {@link #requested} first, {@link #sent} before the {@link #called} of the same call and
 * before any effect of it, {@link #verified} after it was read back, and {@link #finished} or
 * {@link #failed} last, one of the two and once. Only the {@link #called} of a call that the
 * request did not wait for comes later. Events of different requests are in no order.
 *
 * <p><strong>What is told.</strong> A listener that blocks or throws delays no request: what
 * happens while ten thousand events wait for it is not told, and the log says how many events were
 * missed. {@code DiskPlug.close()} ends all requests and waits until the listener was told of that;
 * five seconds later it interrupts a listener that blocks, which misses the rest. What is asked for
 * after the library was closed is not told, nor are requests that are about no domain: those about
 * secrets ({@code DiskPlug.secrets()}) and {@code DiskPlug.findVolume}. No argument holds a secret.
 */
public interface PlugListener {

  /** What is asked for. */
  enum Kind {
    /** {@code attach}. */
    ATTACH,
    /** {@code detach}. */
    DETACH,
    /** {@code plan}. */
    PLAN,
    /** {@code inspect}. */
    INSPECT,
    /** {@code repair}. */
    REPAIR,
    /** {@code adopt}. */
    ADOPT,
    /** {@code limit}. */
    LIMIT,
    /** {@code grow}. */
    GROW
  }

  /**
   * A request.
   *
   * @param number tells it from the others of this process
   * @param kind what is asked for
   * @param domain the domain, as the caller named it
   * @param volume the volume, if it is about one
   */
  record Request(long number, Kind kind, DomainRef domain, Optional<VolumeRef> volume) {}

  /**
   * A request was made.
   *
   * @param request the request
   */
  default void requested(Request request) {}

  /**
   * A place was chosen, and the disk is about to be sent to it.
   *
   * @param request the request
   * @param placement the place
   * @param elapsed since the request was made
   */
  default void planned(Request request, Placement placement, Duration elapsed) {}

  /**
   * A SCSI controller is about to be plugged, because no usable one is there for the disk.
   *
   * @param request the request
   * @param controller the controller
   * @param elapsed since the request was made
   */
  default void pluggingController(Request request, NewController controller, Duration elapsed) {}

  /**
   * A change is about to be handed to libvirt: told just before the call is made, so that none
   * takes effect untold. {@link #called} tells what the call has returned. A change that takes
   * several calls is told several times, one that is sent again as well. An unplug that an earlier
   * request, or another process, has asked for ends without it.
   *
   * <p>Notes in the metadata of the domain are not told, so that a repair that only forgets a note
   * is verified without having been sent.
   *
   * @param request the request
   * @param call what is called; {@link Call#isChange()}
   * @param elapsed since the request was made
   */
  default void sent(Request request, Call call, Duration elapsed) {}

  /**
   * A call to libvirt has returned. One that the request did not wait for is told, too, after its
   * outcome.
   *
   * @param request the request
   * @param call what was called
   * @param fault what it failed with, if it did
   * @param took how long it took
   */
  default void called(Request request, Call call, Optional<LibvirtFault> fault, Duration took) {}

  /**
   * The request pauses, and then looks again.
   *
   * @param request the request
   * @param reason what it would answer if its deadline came now
   * @param explanation the same, for a person
   * @param pause for how long
   */
  default void retrying(
      Request request, Unavailable.Reason reason, String explanation, Duration pause) {}

  /**
   * The request waits until a disk is released. Called again when something else has it.
   *
   * @param request the request
   * @param waitingFor what has not released it
   * @param elapsed since the request was made
   */
  default void waiting(Request request, WaitingFor waitingFor, Duration elapsed) {}

  /**
   * A change was verified: it was read back, and is what was asked for. Told for each step of a
   * repair when it is done, for other requests just before {@link #finished}. A request that had
   * nothing to change, or whose change is not verified, is not told here.
   *
   * @param request the request
   * @param outcome what it came to; of a repair, what the step came to ({@code Mended})
   * @param elapsed since the request was made
   */
  default void verified(Request request, Outcome outcome, Duration elapsed) {}

  /**
   * The request has its outcome.
   *
   * @param request the request
   * @param outcome the outcome
   * @param elapsed since the request was made
   */
  default void finished(Request request, Outcome outcome, Duration elapsed) {}

  /**
   * The request came to no outcome, by a mistake in a part that the caller has brought, such as a
   * backend.
   *
   * @param request the request
   * @param problem what its future was completed with
   * @param elapsed since the request was made
   */
  default void failed(Request request, Throwable problem, Duration elapsed) {}
}
