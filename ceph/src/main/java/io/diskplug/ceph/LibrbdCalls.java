// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import io.diskplug.ceph.CephClient.Mirroring;
import io.diskplug.ceph.CephClient.Watcher;
import io.diskplug.spi.StorageProbe.Reason;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Calls of librbd that fill in memory of the caller's, and what is read from it and freed. */
final class LibrbdCalls {

  /** An entry of the list is an address (a pointer), a client number and a cookie. */
  private static final int ENTRY = 24;

  private static final int CLIENT = 8;
  private static final int FIRST_TRY = 8;
  private static final int TRIES = 4;
  private static final int ID_ROOM = 128;

  /** {@code rbd_mirror_image_info_t}: a global id (a pointer), a state and a bool, padded. */
  private static final int MIRROR_INFO = 16;

  private static final int STATE = 8;
  private static final int PRIMARY = 12;

  /** RBD_MIRROR_IMAGE_DISABLED, also of an image that was never mirrored. */
  private static final int DISABLED = 2;

  private LibrbdCalls() {}

  /** The clients that watch an image: everybody who has it open for writing. */
  static List<Watcher> watchers(Pointer image, String what, String where) throws CephFault {
    long room = FIRST_TRY;
    for (int i = 0; i < TRIES; i++) {
      try (Memory memory = new Memory(room * ENTRY)) {
        LongByReference number = new LongByReference(room);
        int code = CephLibraries.RBD.rbd_watchers_list(image, memory, number);
        if (code == -CephFault.ERANGE) {
          // It says how many there are; one more may come meanwhile.
          room = Math.max(number.getValue(), room) + FIRST_TRY;
          continue;
        }
        if (code < 0) {
          throw CephFault.asking(code, what, where);
        }
        try {
          return read(memory, number.getValue());
        } finally {
          CephLibraries.RBD.rbd_watchers_list_cleanup(memory, number.getValue());
        }
      }
    }
    throw new CephFault(
        Reason.IN_USE, where + ": the clients that use the " + what + " are too many to count");
  }

  /**
   * The part of an image in mirroring: what the pool's mirroring object says of it, and with
   * journaling who may write the journal.
   *
   * @throws CephFault if the cluster does not answer
   */
  static Mirroring mirroring(Pointer image, String what, String where) throws CephFault {
    try (Memory info = new Memory(MIRROR_INFO)) {
      info.clear();
      int code = CephLibraries.RBD.rbd_mirror_image_get_info(image, info, MIRROR_INFO);
      if (code < 0) {
        CephFault fault = CephFault.asking(code, what, where);
        if (fault.isConnectionDead()) {
          throw fault;
        }
        return Mirroring.NOT_TOLD;
      }
      try {
        if (info.getInt(STATE) == DISABLED) {
          return Mirroring.NOT_MIRRORED;
        }
        return info.getByte(PRIMARY) == 0 ? Mirroring.NON_PRIMARY : Mirroring.PRIMARY;
      } finally {
        cleanUp(info);
      }
    }
  }

  /** The librbd of Ceph 14 leaves it to the caller to free the global id, the only pointer. */
  private static void cleanUp(Memory info) {
    try {
      CephLibraries.RBD.rbd_mirror_image_get_info_cleanup(info);
    } catch (UnsatisfiedLinkError e) {
      Pointer globalId = info.getPointer(0);
      if (globalId != null) {
        Native.free(Pointer.nativeValue(globalId));
      }
    }
  }

  /** The id of an image that is open; null if it is of the old format, which has none. */
  static @Nullable String id(Pointer image) {
    try (Memory memory = new Memory(ID_ROOM)) {
      int code = CephLibraries.RBD.rbd_get_id(image, memory, ID_ROOM);
      return code < 0 ? null : memory.getString(0);
    }
  }

  private static List<Watcher> read(Memory memory, long number) {
    List<Watcher> watchers = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      long entry = (long) i * ENTRY;
      Pointer address = memory.getPointer(entry);
      watchers.add(
          new Watcher(memory.getLong(entry + CLIENT), address == null ? "" : address.getString(0)));
    }
    // A client that has the image open twice has two entries, which differ in their cookies.
    return watchers.stream().distinct().toList();
  }
}
