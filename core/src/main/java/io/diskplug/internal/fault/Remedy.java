// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

/** What has to happen before a call that failed can succeed. */
public enum Remedy {
  /** Time: the same call may succeed later, without any change. */
  TIME("time"),
  /** Another reading: the state may be the one that was asked for, or the library plans anew. */
  READING("another reading of the domain"),
  /** A change of the request. */
  REQUEST("a change of the request"),
  /** A change of the domain: its state, its controllers. */
  DOMAIN("a change of the domain"),
  /** A change of the host: its packages, files, secrets, permissions. */
  HOST("a change of the host"),
  /** A change of the storage: the volume, its permissions. */
  STORAGE("a change of the storage"),
  /** Not known: the fault was not understood. It may not heal by waiting. */
  NOT_KNOWN("not known from this fault");

  private final String phrase;

  Remedy(String phrase) {
    this.phrase = phrase;
  }

  /** In words, as in "what helps is …". */
  public String phrase() {
    return phrase;
  }

  /** Whether a person has to change something: then the same call fails until it was changed. */
  public boolean isChange() {
    return switch (this) {
      case REQUEST, DOMAIN, HOST, STORAGE -> true;
      case TIME, READING, NOT_KNOWN -> false;
    };
  }
}
