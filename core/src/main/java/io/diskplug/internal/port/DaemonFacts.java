// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.port;

/**
 * In what libvirt's daemons differ by version, as far as requests depend on it. Each fact was seen
 * on the versions that {@code docs/versions.md} of this project names; between two of them the more
 * careful answer is assumed.
 *
 * @param readingTakesJob whether reading the XML of a domain ({@code virDomainGetXMLDesc}), the
 *     persistent view's, too, takes the domain's job, so that it waits up to 30 seconds behind a
 *     call of any client that changes the domain, or that QEMU does not answer. Not up to 9.0; seen
 *     in 11.3 and 12.9; libvirt's release notes name 11.0.0.
 */
public record DaemonFacts(boolean readingTakesJob) {

  /** What is assumed of a daemon that has not said its version. */
  public static final DaemonFacts UNKNOWN = new DaemonFacts(true);

  /** The version after the last one that was seen to read without the job. */
  private static final long AFTER_9_0 = 9_001_000;

  /**
   * The facts of a version.
   *
   * @param version as {@code virConnectGetLibVersion} numbers it: 1,000,000 × major + 1,000 × minor
   *     + release
   */
  public static DaemonFacts ofVersion(long version) {
    return new DaemonFacts(version >= AFTER_9_0);
  }
}
