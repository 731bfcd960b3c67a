// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.libvirt;

import static io.diskplug.internal.libvirt.NativeFaults.check;

import io.diskplug.domain.DomainRef;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.fault.ErrorCode;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.port.KnownDomain;
import io.diskplug.internal.port.SecretStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.libvirt.jna.DomainPointer;

/** A libvirt daemon. Safe for use by several threads. */
public final class LibvirtHypervisor implements HypervisorPort {

  private static final long LONGEST_CLOSE_MILLIS = 2000;

  private final LibvirtApi api;
  private final Connections connections;
  private final StoragePools pools;
  private final LibvirtSecrets secrets;
  private final @Nullable DomainEvents events;

  /**
   * What to do about what libvirt has only once in a process.
   *
   * @param quiet whether to set the error function to one that prints nothing
   * @param runEventLoop whether to run the default event loop
   * @param useEvents whether an event loop runs, so that events and keepalive work
   */
  public record Configuration(boolean quiet, boolean runEventLoop, boolean useEvents) {}

  private LibvirtHypervisor(
      LibvirtApi api, Connections connections, @Nullable DomainEvents events) {
    this.api = api;
    this.connections = connections;
    this.pools = new StoragePools(api, connections);
    this.secrets = new LibvirtSecrets(api, connections);
    this.events = events;
  }

  /**
   * Connects ({@code virConnectOpenAuth}, without asking for credentials). A connection that breaks
   * later is opened again by the next call.
   *
   * @param uri a libvirt connection URI
   * @param configuration what to do about what libvirt has once in a process
   * @param deadline how long it may take; a call that takes longer is abandoned on its thread
   * @throws FaultException if the daemon cannot be reached, or not in time
   * @throws UnsatisfiedLinkError if libvirt's client library is not installed
   */
  public static LibvirtHypervisor connect(
      String uri, Configuration configuration, Duration deadline) throws FaultException {
    LibvirtApi api = LibvirtApi.Loaded.LIBVIRT;
    if (configuration.quiet()) {
      ErrorOutput.silence();
    }
    if (configuration.runEventLoop()) {
      EventLoopThread.ensureRunning();
    }
    Connections connections = new Connections(api, uri, configuration.useEvents());
    open(connections, uri, deadline);
    DomainEvents events = null;
    if (configuration.useEvents()) {
      events = new DomainEvents(api, connections);
      events.start();
    }
    return new LibvirtHypervisor(api, connections, events);
  }

  /** On a thread of its own: libvirt cannot be interrupted. */
  private static void open(Connections connections, String uri, Duration deadline)
      throws FaultException {
    FutureTask<@Nullable Void> opening =
        new FutureTask<>(
            () -> {
              connections.open();
              return null;
            });
    Thread thread = new Thread(opening, "diskplug-connect");
    thread.setDaemon(true);
    thread.start();
    String problem;
    try {
      opening.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
      return;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof FaultException fault) {
        throw fault;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      problem = "no connection after " + deadline;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      problem = "interrupted";
    }
    // What is opened later is closed as soon as it is there.
    connections.close();
    throw new FaultException(
        new LibvirtFault(Call.CONNECT, ErrorCode.NO_CONNECT, 0, problem + ": " + uri));
  }

  @Override
  public DomainHandle lookup(DomainRef ref) throws FaultException {
    return connections.call(
        Call.LOOKUP,
        connection -> {
          DomainPointer domain = connection.begin(ref);
          String name = check(api, Call.LOOKUP, api.virDomainGetName(domain));
          return new LibvirtDomain(api, connections, pools, events, connection.uuid(domain), name);
        });
  }

  @Override
  public List<KnownDomain> domains() throws FaultException {
    return connections.call(Call.LIST_DOMAINS, connection -> DomainList.read(api, connection));
  }

  @Override
  public SecretStore secrets() {
    return secrets;
  }

  /** Waits for the daemon to take leave, for two seconds at most. */
  @Override
  public void close() {
    Thread thread = new Thread(this::closeConnections, "diskplug-close");
    thread.setDaemon(true);
    thread.start();
    try {
      thread.join(LONGEST_CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void closeConnections() {
    connections.close();
    if (events != null) {
      events.close();
    }
  }

  @Override
  public String toString() {
    return connections.toString();
  }
}
