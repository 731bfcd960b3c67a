// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import io.diskplug.disk.HostPort;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** What a probe needs of Ceph. All of it may block, far beyond any timeout. */
interface CephClient {

  /**
   * Connects.
   *
   * @param login who asks
   * @param monitors where; not used if the login has a configuration file
   * @throws CephFault if it could not
   */
  Session connect(RbdLogin login, Collection<HostPort> monitors) throws CephFault;

  /** A connection, for several threads at once. */
  interface Session {

    /**
     * Looks at an image without leaving a trace.
     *
     * @param needsMirroring whether what was seen is to be completed by {@link Seen#mirroring},
     *     which takes three more round trips
     * @param answer told what there is to see, before anything is closed, which the caller need not
     *     wait for
     * @throws CephFault if it could not
     */
    void look(RbdImage image, Predicate<Seen> needsMirroring, Consumer<Seen> answer)
        throws CephFault;

    /** Ends it. No look may be under way. */
    void shutDown();
  }

  /**
   * What there is to see of an image.
   *
   * @param sizeBytes its size
   * @param features the bits of its features
   * @param watchers who has it open for writing, an entry for each client
   * @param mirroring its part in mirroring, if that was asked for
   */
  record Seen(long sizeBytes, long features, List<Watcher> watchers, Mirroring mirroring) {

    /** The same without an answer about mirroring. */
    Seen(long sizeBytes, long features, List<Watcher> watchers) {
      this(sizeBytes, features, watchers, Mirroring.NOT_ASKED);
    }

    /** The same with an answer about mirroring. */
    Seen with(Mirroring mirroring) {
      return new Seen(sizeBytes, features, watchers, mirroring);
    }

    boolean isMirrored() {
      return mirroring == Mirroring.PRIMARY || mirroring == Mirroring.NON_PRIMARY;
    }
  }

  /** The part of an image in mirroring. */
  enum Mirroring {
    NOT_ASKED,
    /** The cluster does not say, as to a user who may not read the pool's mirroring object. */
    NOT_TOLD,
    NOT_MIRRORED,
    PRIMARY,
    /** It follows the image of another cluster, or was demoted. */
    NON_PRIMARY
  }

  /**
   * A client that watches an image.
   *
   * @param client its number, which it has until it connects anew
   * @param address the address that it has told the cluster, with port and nonce; empty if unknown
   */
  record Watcher(long client, String address) {

    /** For explanations. */
    @Override
    public String toString() {
      return "client." + client + (address.isEmpty() ? "" : " at " + address);
    }
  }
}
