// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * What the OSDs say of the objects that an image consists of, by the methods that librbd and the
 * kernel call when they open one (class {@code rbd}), so that a user who may open an image may ask
 * this too. For images of format 2.
 */
final class RbdObjects {

  private static final String RBD = "rbd";

  /** CEPH_NOSNAP: the image itself. */
  private static final long NO_SNAPSHOT = -2;

  private static final int ID_ROOM = 256;

  /** The order of its objects (a byte) before the size. */
  private static final int SIZE_AT = 1;

  private static final int SIZE_REPLY = SIZE_AT + Long.BYTES;

  /** All features, and those that a client must know. */
  private static final int FEATURES_REPLY = 2 * Long.BYTES;

  private final Pointer io;
  private final String what;
  private final String where;

  /**
   * @param io the pool and the namespace
   * @param what what is asked about, for explanations
   * @param where and as whom
   */
  RbdObjects(Pointer io, String what, String where) {
    this.io = io;
    this.what = what;
    this.where = where;
  }

  /** The size and the features of an image. */
  record Header(long sizeBytes, long features) {}

  /** The id of the image that has a name now. */
  String id(String name) throws CephFault {
    try (Memory reply = new Memory(ID_ROOM)) {
      int length =
          check(
              CephLibraries.RADOS.rados_exec(
                  io, "rbd_id." + name, RBD, "get_id", null, 0, reply, ID_ROOM));
      ByteBuffer bytes = littleEndian(reply, length);
      byte[] id = new byte[checkLength(bytes, Integer.BYTES).getInt()];
      checkLength(bytes, id.length).get(id);
      return new String(id, StandardCharsets.UTF_8);
    }
  }

  /** What the header of an image says, in one round trip. */
  Header header(String id) throws CephFault {
    CephLibraries.Librados rados = CephLibraries.RADOS;
    Pointer operation = rados.rados_create_read_op();
    try (Memory ofImage = new Memory(Long.BYTES);
        Memory forReading = new Memory(Long.BYTES + 1);
        Memory size = new Memory(SIZE_REPLY);
        Memory features = new Memory(FEATURES_REPLY)) {
      ofImage.setLong(0, NO_SNAPSHOT);
      forReading.setLong(0, NO_SNAPSHOT);
      forReading.setByte(Long.BYTES, (byte) 1);
      Reply ofSize = Reply.add(operation, "get_size", ofImage, size);
      Reply ofFeatures = Reply.add(operation, "get_features", forReading, features);
      check(rados.rados_read_op_operate(operation, io, "rbd_header." + id, 0));
      return new Header(
          checkLength(littleEndian(size, check(ofSize)), SIZE_REPLY).getLong(SIZE_AT),
          checkLength(littleEndian(features, check(ofFeatures)), FEATURES_REPLY).getLong(0));
    } finally {
      rados.rados_release_read_op(operation);
    }
  }

  private int check(Reply reply) throws CephFault {
    check(reply.result().getValue());
    return (int) reply.length().getValue();
  }

  private int check(int code) throws CephFault {
    if (code < 0) {
      throw CephFault.asking(code, what, where);
    }
    return code;
  }

  /** A reply that is too short is one of an OSD that this does not know. */
  private ByteBuffer checkLength(ByteBuffer bytes, int wanted) throws CephFault {
    if (wanted < 0 || bytes.remaining() < wanted) {
      throw CephFault.asking(-CephFault.EOPNOTSUPP, what, where);
    }
    return bytes;
  }

  private static ByteBuffer littleEndian(Memory reply, int length) {
    return reply.getByteBuffer(0, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Where the answer of a method is found when the operation is over. */
  private record Reply(LongByReference length, IntByReference result) {

    static Reply add(Pointer operation, String method, Memory input, Memory output) {
      Reply reply = new Reply(new LongByReference(), new IntByReference());
      CephLibraries.RADOS.rados_read_op_exec_user_buf(
          operation,
          RBD,
          method,
          input,
          input.size(),
          output,
          output.size(),
          reply.length(),
          reply.result());
      return reply;
    }
  }
}
