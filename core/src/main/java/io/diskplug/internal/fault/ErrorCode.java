// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

/** The codes of libvirt's {@code virErrorNumber} that the table speaks of, by their names there. */
public final class ErrorCode {
  static final int INTERNAL_ERROR = 1;

  /** The driver has no such function. */
  public static final int NO_SUPPORT = 3;

  /** There is no connection to the daemon. */
  public static final int NO_CONNECT = 5;

  /** The connection was closed. */
  public static final int INVALID_CONN = 6;

  static final int INVALID_DOMAIN = 7;
  static final int INVALID_ARG = 8;
  static final int OPERATION_FAILED = 9;
  static final int NO_SOURCE = 19;
  static final int NO_TARGET = 20;
  static final int XML_ERROR = 27;
  static final int OPERATION_DENIED = 29;
  static final int XML_DETAIL = 35;

  /**
   * A system call has failed: a file is missing, a configuration could not be saved, a socket
   * broke.
   */
  public static final int SYSTEM_ERROR = 38;

  static final int RPC = 39;
  static final int GNUTLS_ERROR = 40;
  static final int NO_DOMAIN = 42;

  /** The client could not log in. */
  public static final int AUTH_FAILED = 45;

  /** The domain is not in the state that this needs. */
  public static final int OPERATION_INVALID = 55;

  /** There is no such secret, or it has no value. */
  public static final int NO_SECRET = 66;

  static final int CONFIG_UNSUPPORTED = 67;

  /** The daemon has no such storage pool. */
  public static final int NO_STORAGE_POOL = 49;

  /** The lock of the domain could not be had in time. */
  public static final int OPERATION_TIMEOUT = 68;

  static final int BLOCK_COPY_ACTIVE = 83;
  static final int OPERATION_UNSUPPORTED = 84;
  static final int AGENT_UNRESPONSIVE = 86;
  static final int RESOURCE_BUSY = 87;

  /** The login has no right to do this. */
  public static final int ACCESS_DENIED = 88;

  /** A device is not in the view that was to be changed. */
  public static final int DEVICE_MISSING = 99;

  private ErrorCode() {}
}
