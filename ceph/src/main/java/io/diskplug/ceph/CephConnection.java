// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.ByteByReference;
import com.sun.jna.ptr.PointerByReference;
import io.diskplug.ceph.CephClient.Seen;
import io.diskplug.ceph.CephClient.Session;
import io.diskplug.spi.StorageProbe.Reason;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A connection of librados, with the images that it keeps open. */
final class CephConnection implements Session {

  private final Pointer cluster;
  private final String where;
  final KeptImages kept = new KeptImages();

  /**
   * @param cluster connected
   * @param where and as whom, for explanations
   */
  CephConnection(Pointer cluster, String where) {
    this.cluster = cluster;
    this.where = where;
  }

  @Override
  public void look(RbdImage image, Predicate<Seen> needsMirroring, Consumer<Seen> answer)
      throws CephFault {
    OpenImage open = kept.take(image);
    Seen seen = open == null ? null : orClose(open, OpenImage::lookAgain);
    if (open == null || seen == null) {
      open = open(image);
      seen = Objects.requireNonNull(orClose(open, OpenImage::look));
    }
    if (needsMirroring.test(seen)) {
      Seen plain = seen;
      seen = Objects.requireNonNull(orClose(open, again -> plain.with(again.mirroring())));
    }
    answer.accept(seen);
    kept.keep(image, open);
  }

  private static @Nullable Seen orClose(OpenImage open, Look look) throws CephFault {
    Seen seen = null;
    try {
      seen = look.at(open);
      return seen;
    } finally {
      if (seen == null) {
        open.close();
      }
    }
  }

  /** Opens an image, which the caller closes. */
  OpenImage open(RbdImage image) throws CephFault {
    Pointer io =
        handle(
            out -> CephLibraries.RADOS.rados_ioctx_create(cluster, image.pool(), out),
            "pool " + image.pool());
    boolean opened = false;
    try {
      image.namespace().ifPresent(name -> CephLibraries.RADOS.rados_ioctx_set_namespace(io, name));
      Pointer handle;
      try {
        handle = open(io, image);
      } catch (CephFault fault) {
        throw fault.reason() == Reason.NOT_FOUND ? missing(io, image, fault) : fault;
      }
      opened = true;
      return new OpenImage(cluster, image, io, handle, where);
    } finally {
      if (!opened) {
        CephLibraries.RADOS.rados_ioctx_destroy(io);
      }
    }
  }

  /** Read-only, so that the probe is no watcher itself. */
  private Pointer open(Pointer io, RbdImage image) throws CephFault {
    String snapshot = image.snapshot().orElse(null);
    return handle(
        out -> CephLibraries.RBD.rbd_open_read_only(io, image.name(), out, snapshot),
        OpenImage.what(image));
  }

  /** An open says the same of a missing image, of a missing snapshot and of a missing namespace. */
  private CephFault missing(Pointer io, RbdImage image, CephFault fault) {
    if (image.snapshot().isPresent()) {
      return missingSnapshot(io, image, fault);
    }
    if (image.namespace().isEmpty()) {
      return fault;
    }
    CephLibraries.RADOS.rados_ioctx_set_namespace(io, "");
    ByteByReference exists = new ByteByReference();
    String namespace = image.namespace().get();
    // Who may only use the namespace may not ask this; then it is not known which is missing.
    int code = CephLibraries.RBD.rbd_namespace_exists(io, namespace, exists);
    return code < 0 || exists.getValue() != 0
        ? fault
        : CephFault.asking(-CephFault.ENOENT, "namespace " + image.pool() + "/" + namespace, where);
  }

  private CephFault missingSnapshot(Pointer io, RbdImage image, CephFault fault) {
    RbdImage head = new RbdImage(image.cluster(), image.pool(), image.namespace(), image.name());
    try {
      CephLibraries.RBD.rbd_close(open(io, head));
      return fault;
    } catch (CephFault ofHead) {
      return ofHead.reason() == Reason.NOT_FOUND ? missing(io, head, ofHead) : ofHead;
    }
  }

  private Pointer handle(Call call, String what) throws CephFault {
    PointerByReference out = new PointerByReference();
    int code = call.into(out);
    if (code < 0) {
      throw CephFault.asking(code, what, where);
    }
    return out.getValue();
  }

  @Override
  public void shutDown() {
    kept.closeAll();
    CephLibraries.RADOS.rados_shutdown(cluster);
  }

  /** Null if another look is needed. */
  private interface Look {
    @Nullable Seen at(OpenImage image) throws CephFault;
  }

  /** Makes a handle. */
  private interface Call {
    int into(PointerByReference out);
  }
}
