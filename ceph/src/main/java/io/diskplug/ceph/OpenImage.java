// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import io.diskplug.ceph.CephClient.Mirroring;
import io.diskplug.ceph.CephClient.Seen;
import io.diskplug.ceph.CephClient.Watcher;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An image that is open for reading, which does not show: it is no watcher. librbd, which hears of
 * changes as a watcher only, goes on to say what was so when it was opened, so that the second
 * question goes to the cluster itself. For one thread at a time.
 */
final class OpenImage {

  private final Pointer cluster;
  private final RbdImage image;
  private final Pointer io;
  private final Pointer handle;
  private final String where;

  /** What it was when it was opened. Null where it cannot be asked for anew. */
  private @Nullable String id;

  private long features;

  /**
   * @param io the pool, which is destroyed with it
   * @param handle of librbd
   */
  OpenImage(Pointer cluster, RbdImage image, Pointer io, Pointer handle, String where) {
    this.cluster = cluster;
    this.image = image;
    this.io = io;
    this.handle = handle;
    this.where = where;
  }

  static String what(RbdImage image) {
    return "image " + image.canonicalName();
  }

  /** What there is to see of an image that was just opened. */
  Seen look() throws CephFault {
    CephLibraries.Librbd rbd = CephLibraries.RBD;
    LongByReference size = new LongByReference();
    check(rbd.rbd_get_size(handle, size));
    LongByReference opened = new LongByReference();
    check(rbd.rbd_get_features(handle, opened));
    features = opened.getValue();
    id = image.snapshot().isPresent() ? null : LibrbdCalls.id(handle);
    return new Seen(size.getValue(), features, watchers());
  }

  private void check(int code) throws CephFault {
    if (code < 0) {
      throw CephFault.asking(code, what(image), where);
    }
  }

  private List<Watcher> watchers() throws CephFault {
    return LibrbdCalls.watchers(handle, what(image), where);
  }

  /** Its part in mirroring, as of now. */
  Mirroring mirroring() throws CephFault {
    return LibrbdCalls.mirroring(handle, what(image), where);
  }

  /**
   * What there is to see by now, in three round trips.
   *
   * @return null if there may be another image of the name, or the answer is anything but plain:
   *     then an open says what it is
   * @throws CephFault if the cluster does not answer
   */
  @Nullable Seen lookAgain() throws CephFault {
    String known = id;
    if (known == null || !isOfPool()) {
      return null;
    }
    try {
      RbdObjects objects = new RbdObjects(io, what(image), where);
      if (!objects.id(image.name()).equals(known)) {
        return null;
      }
      RbdObjects.Header header = objects.header(known);
      // Another set of features is for librbd to judge.
      return header.features() == features
          ? new Seen(header.sizeBytes(), features, watchers())
          : null;
    } catch (CephFault fault) {
      if (fault.isConnectionDead()) {
        throw fault;
      }
      return null;
    }
  }

  /** A pool may get the name of another. Known without asking. */
  private boolean isOfPool() {
    return CephLibraries.RADOS.rados_pool_lookup(cluster, image.pool())
        == CephLibraries.RADOS.rados_ioctx_get_id(io);
  }

  /** Asks the cluster nothing. */
  void close() {
    CephLibraries.RBD.rbd_close(handle);
    CephLibraries.RADOS.rados_ioctx_destroy(io);
  }
}
