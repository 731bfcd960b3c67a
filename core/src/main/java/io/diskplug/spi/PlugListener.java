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
 * <p>The methods are called one after the other, on one thread that does nothing else, in the order
 * in which things happened to a request. A listener that blocks or throws delays no request: what
 * happens while thousands of events wait for it is not told, and the log says so; nor is what
 * happens after the library was closed; nor are requests that are about no domain: those about
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
