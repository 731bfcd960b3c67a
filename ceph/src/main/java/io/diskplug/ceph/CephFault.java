// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import io.diskplug.spi.StorageProbe.Reason;
import io.diskplug.spi.StorageProbe.Refused;

/** Why Ceph could not be asked, or what it answered. The one place that knows error numbers. */
final class CephFault extends Exception {

  private static final long serialVersionUID = 1;

  // Linux, which librados returns negated.
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int EACCES = 13;
  static final int EINVAL = 22;
  static final int ERANGE = 34;
  static final int ENOSYS = 38;
  static final int EOPNOTSUPP = 95;
  static final int ENETDOWN = 100;
  static final int ENETUNREACH = 101;
  static final int ECONNABORTED = 103;
  static final int ECONNRESET = 104;
  static final int ENOTCONN = 107;

  /** Also EBLOCKLISTED: the cluster has shut this client out. A new connection is let in. */
  static final int ESHUTDOWN = 108;

  static final int ETIMEDOUT = 110;
  static final int ECONNREFUSED = 111;
  static final int EHOSTDOWN = 112;
  static final int EHOSTUNREACH = 113;

  private final Reason reason;

  CephFault(Reason reason, String explanation) {
    // No suppression and no stack: it is a value that travels between threads.
    super(explanation, null, false, false);
    this.reason = reason;
  }

  Reason reason() {
    return reason;
  }

  /** Whether the connection, if there was one, is not to be used any more. */
  boolean isConnectionDead() {
    return reason == Reason.UNREACHABLE;
  }

  Refused toFinding() {
    return new Refused(reason, String.valueOf(getMessage()));
  }

  /**
   * What {@code rados_connect} returned: −13 for a wrong key and for a user who is not there, −95
   * where cephx is wanted and there is no key, −1 for a keyring without the user. −22 and −2 are
   * also those of a monitor's name, or of a DNS SRV record, that cannot be resolved at the time.
   */
  static CephFault connecting(int code, String where) {
    Reason reason =
        switch (-code) {
          case EPERM, EACCES, EOPNOTSUPP -> Reason.ACCESS_DENIED;
          default -> isNetwork(code) ? Reason.UNREACHABLE : Reason.NOT_KNOWN;
        };
    String words =
        switch (reason) {
          case ACCESS_DENIED -> "the monitors do not accept the user or the key";
          case UNREACHABLE -> "no monitor answers";
          default ->
              -code == EINVAL || -code == ENOENT
                  ? "connecting failed: the name of a monitor cannot be resolved (DNS), or the"
                      + " configuration, the keyring or the key is wrong"
                  : "connecting failed";
        };
    return new CephFault(reason, where + ": " + words + " (" + code + ")");
  }

  /** What a call that concerns an image returned. */
  static CephFault asking(int code, String what, String where) {
    Reason reason =
        switch (-code) {
          case ENOENT -> Reason.NOT_FOUND;
          case EPERM, EACCES -> Reason.ACCESS_DENIED;
          // Features that this librbd is too old for, and headers that it does not understand.
          case ENOSYS, EOPNOTSUPP, EINVAL -> Reason.UNSUPPORTED;
          // EIO, EBUSY, EAGAIN, ENOMEM, EROFS, …: they may pass.
          default -> isNetwork(code) ? Reason.UNREACHABLE : Reason.NOT_KNOWN;
        };
    String words =
        switch (reason) {
          case NOT_FOUND -> "there is no " + what;
          case ACCESS_DENIED -> "the user may not use the " + what;
          case UNSUPPORTED -> "librbd cannot open the " + what;
          case UNREACHABLE -> "no answer about the " + what;
          default -> "librbd failed with the " + what;
        };
    return new CephFault(reason, where + ": " + words + " (" + code + ")");
  }

  /**
   * What a call returned that prepares a connection: of these the file or the host has to be
   * changed.
   */
  static CephFault preparing(int code, String explanation) {
    Reason reason =
        switch (-code) {
          case EPERM, ENOENT, EACCES, EINVAL, ERANGE, ENOSYS, EOPNOTSUPP -> Reason.CANNOT_ASK;
          default -> Reason.NOT_KNOWN;
        };
    return new CephFault(reason, explanation + " (" + code + ")");
  }

  private static boolean isNetwork(int code) {
    return switch (-code) {
      case ETIMEDOUT,
          ECONNREFUSED,
          ENETDOWN,
          ENETUNREACH,
          ECONNABORTED,
          ECONNRESET,
          ENOTCONN,
          ESHUTDOWN,
          EHOSTDOWN,
          EHOSTUNREACH ->
          true;
      default -> false;
    };
  }
}
