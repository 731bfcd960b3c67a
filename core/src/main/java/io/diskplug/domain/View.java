// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

/** One of the two descriptions that libvirt keeps of a domain. */
public enum View {
  /** What QEMU runs now; absent while the domain is shut off. */
  LIVE,
  /** What the next start uses (the config, or inactive, view); absent in a transient domain. */
  PERSISTENT
}
