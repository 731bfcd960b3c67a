// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

/**
 * What the claim that a volume is detached rests on. The guide has a table of what each state of a
 * domain allows.
 */
public enum Proof {
  /**
   * The domain's QEMU was asked, and has neither the device nor a block node of the volume. Only
   * for a domain that runs or is paused.
   */
  QEMU,
  /**
   * The storage was asked after no view showed the volume, and says that no client has it open, in
   * this domain or elsewhere; as far as the storage sees it: of an RBD image the clients that have
   * it open for writing, and not those that only read, nor a client that is alive and has been cut
   * off for half a minute.
   */
  STORAGE,
  /**
   * The domain is shut off, the persistent view does not have the volume, and the daemon says that
   * the domain was shut down, destroyed, or reverted to a snapshot of a domain that was shut off.
   * No QEMU was asked: there is none that the daemon knows of.
   */
  DAEMON,
  /**
   * The XML alone. Weaker than the others: a QEMU can hold a volume that no view shows. So it is if
   *
   * <ul>
   *   <li>the domain is shut off, and the daemon does not know why, as after every restart of the
   *       daemon, or gives a reason that leaves a QEMU possible, on this host or on another;
   *   <li>a snapshot with memory exists of a domain that is shut off;
   *   <li>the state is one that the caller has waived, or that of a post-copy migration that
   *       failed;
   *   <li>a view has a disk or device that it does not tell, and that can be the volume ({@link
   *       Observation#unresolved()});
   *   <li>the domain runs, and asking QEMU was switched off, or QEMU's answer does not tell volumes
   *       of this kind.
   * </ul>
   */
  XML;

  /**
   * Whether a detach that was proven in this way is done for a caller who demands the other: {@link
   * #STORAGE} is the strongest, then {@link #QEMU}, {@link #DAEMON} and {@link #XML}.
   *
   * @param required the weakest proof that is accepted
   */
  public boolean isAtLeast(Proof required) {
    return strength() >= required.strength();
  }

  private int strength() {
    return switch (this) {
      case STORAGE -> 3;
      case QEMU -> 2;
      case DAEMON -> 1;
      case XML -> 0;
    };
  }
}
