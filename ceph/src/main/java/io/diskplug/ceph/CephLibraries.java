// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.ByteByReference;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The functions of librados and librbd that this module calls, by their names and signatures in C.
 * Handles are pointers. {@code size_t} is a long, since Ceph has no 32-bit clients any more. An
 * {@code int} that is negative is an error number of Linux ({@link CephFault}).
 *
 * <p>Loads the libraries on first use. No method of these interfaces takes a callback: what a
 * function keeps beyond its return says so here, and the caller keeps it reachable until then. Safe
 * for use by several threads, as far as the handle is.
 */
final class CephLibraries {

  static final Librados RADOS = load("rados", Librados.class);
  static final Librbd RBD = load("rbd", Librbd.class);

  private CephLibraries() {}

  private static <T extends Library> T load(String library, Class<T> type) {
    return Native.load(library, type, Map.of(Library.OPTION_STRING_ENCODING, "UTF-8"));
  }

  /** {@code librados.h}. */
  interface Librados extends Library {
    /** Makes a handle, which {@link #rados_shutdown} frees. */
    int rados_create(PointerByReference cluster, @Nullable String user);

    int rados_conf_read_file(Pointer cluster, String path);

    int rados_conf_set(Pointer cluster, String option, String value);

    /** With the value in memory of our own, which can be wiped; a String cannot. */
    int rados_conf_set(Pointer cluster, String option, Pointer value);

    int rados_connect(Pointer cluster);

    /** Frees the handle, connected or not. Ends the process if the handle is in use. */
    void rados_shutdown(Pointer cluster);

    /** The number of a pool, or an error number. */
    long rados_pool_lookup(Pointer cluster, String pool);

    /** Makes a handle, which {@link #rados_ioctx_destroy} frees. */
    int rados_ioctx_create(Pointer cluster, String pool, PointerByReference io);

    void rados_ioctx_destroy(Pointer io);

    void rados_ioctx_set_namespace(Pointer io, String namespace);

    /** The number of the pool. */
    long rados_ioctx_get_id(Pointer io);

    int rados_exec(
        Pointer io,
        String object,
        String objectClass,
        String method,
        @Nullable Pointer input,
        long length,
        Pointer output,
        long room);

    /** Makes a handle, which {@link #rados_release_read_op} frees. */
    Pointer rados_create_read_op();

    void rados_release_read_op(Pointer operation);

    /**
     * Adds a call to an operation. The input is copied; {@link #rados_read_op_operate} writes the
     * output, the length used and the result, which the caller keeps until that has returned.
     */
    void rados_read_op_exec_user_buf(
        Pointer operation,
        String objectClass,
        String method,
        Pointer input,
        long length,
        Pointer output,
        long room,
        LongByReference used,
        IntByReference result);

    int rados_read_op_operate(Pointer operation, Pointer io, String object, int flags);
  }

  /** {@code librbd.h}. */
  interface Librbd extends Library {
    /** Makes a handle, which {@link #rbd_close} frees. */
    int rbd_open_read_only(
        Pointer io, String name, PointerByReference image, @Nullable String snapshot);

    int rbd_close(Pointer image);

    int rbd_get_id(Pointer image, Pointer id, long room);

    int rbd_get_size(Pointer image, LongByReference size);

    int rbd_get_features(Pointer image, LongByReference features);

    int rbd_namespace_exists(Pointer io, String namespace, ByteByReference exists);

    /** Fills in entries with addresses that {@link #rbd_watchers_list_cleanup} frees. */
    int rbd_watchers_list(Pointer image, Pointer watchers, LongByReference max);

    void rbd_watchers_list_cleanup(Pointer watchers, long number);

    /** Fills in a global id that {@link #rbd_mirror_image_get_info_cleanup} frees. */
    int rbd_mirror_image_get_info(Pointer image, Pointer info, long size);

    /** Not in the librbd of Ceph 14. */
    void rbd_mirror_image_get_info_cleanup(Pointer info);
  }
}
