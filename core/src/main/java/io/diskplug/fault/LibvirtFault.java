// SPDX-License-Identifier: Apache-2.0
package io.diskplug.fault;

/**
 * A failed libvirt call.
 *
 * @param call what was called
 * @param code the raw code ({@code virErrorNumber}), also where it is newer than the binding knows;
 *     0 if libvirt reported a failure without an error
 * @param domain the raw code of the part of libvirt that failed ({@code virErrorDomain})
 * @param message libvirt's message, which the daemon's locale may have translated; may be empty
 */
public record LibvirtFault(Call call, int code, int domain, String message) {

  /** For a log line: the call, code and domain as in libvirt's headers, and the message. */
  @Override
  public String toString() {
    return call + " failed: libvirt error " + code + " (domain " + domain + "): " + message;
  }
}
