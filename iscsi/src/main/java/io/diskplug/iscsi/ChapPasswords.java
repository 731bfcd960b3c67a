// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import java.util.Optional;

/**
 * Where {@link IscsiProbe} gets the CHAP passwords from: it cannot have those that libvirt keeps.
 * Called for each disk with {@link IscsiDisk#auth()}, by the thread that asks, within the budget of
 * the probe, which it must not use up.
 */
@FunctionalInterface
public interface ChapPasswords {

  /** None: a disk with CHAP cannot be asked about. */
  ChapPasswords NONE = (target, auth) -> Optional.empty();

  /**
   * A password, as libvirt's secret has it.
   *
   * @param target the name of the target
   * @param auth the user, and the UUID of libvirt's secret
   * @return an array for this call only, which the probe overwrites with zeros; empty if the
   *     password is not known
   */
  Optional<byte[]> password(String target, ChapAuth auth);
}
