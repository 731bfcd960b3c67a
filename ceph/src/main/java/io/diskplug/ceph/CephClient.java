// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import io.diskplug.disk.HostPort;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

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
     * @param answer told what there is to see, before anything is closed: nobody has to wait for
     *     that
     * @throws CephFault if it could not
     */
    void look(RbdImage image, Consumer<Seen> answer) throws CephFault;

    /** Ends it. Nobody may be looking. */
    void shutDown();
  }

  /**
   * What there is to see of an image.
   *
   * @param sizeBytes its size
   * @param features the bits of its features
   * @param watchers who has it open for writing, an entry for each client
   */
  record Seen(long sizeBytes, long features, List<String> watchers) {}
}
