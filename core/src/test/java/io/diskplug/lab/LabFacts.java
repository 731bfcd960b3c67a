// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import io.diskplug.sim.Generation;

/**
 * In what the daemons, QEMU and Ceph of the labs' releases differ, as far as tests of the lab alone
 * depend on it: the simulator does not show it. What it shows is in {@link Generation}.
 *
 * @param lateRequestMayEndDaemon whether libvirtd may die of an unplug request that waited for the
 *     job while QEMU dropped the disk; the library makes none
 * @param namingNodesNeedsStorage whether QEMU reads from its images before it names its block
 *     nodes: it waits for a storage that is silent, and names none while one answers with an error,
 *     as that of a client on Ceph's blocklist does
 * @param repetitionIsRefusedAfterBoot whether QEMU refuses, until a reset, a further unplug request
 *     for a disk of a {@code pc} that was first requested before the guest had booted; else the
 *     guest answers the further one
 * @param q35ComesBackFromReset whether a q35 boots after a reset of the guest; else its firmware
 *     resets it again for ever
 * @param takesNoAudio whether a domain can say that it has no audio
 * @param domainTellsTaints whether {@code virDomainGetMessages} is supported
 * @param imagesAreMirroredBySnapshots whether the cluster does so; its predecessor by journal alone
 * @param takesRbdNamespaces whether libvirt tells QEMU of the namespace of an RBD image; else QEMU
 *     looks for an image of that name, and finds none
 * @param blocklist the command of Ceph that shuts clients out
 */
public record LabFacts(
    boolean lateRequestMayEndDaemon,
    boolean namingNodesNeedsStorage,
    boolean repetitionIsRefusedAfterBoot,
    boolean q35ComesBackFromReset,
    boolean takesNoAudio,
    boolean domainTellsTaints,
    boolean imagesAreMirroredBySnapshots,
    boolean takesRbdNamespaces,
    String blocklist) {

  /** Its release notes name libvirt 11.6.0. */
  private static final long RBD_NAMESPACES = 11_006_000;

  /**
   * The facts of a lab.
   *
   * @param libvirt the version of its daemon, which stands for its release
   */
  static LabFacts of(long libvirt) {
    boolean isEarliest = libvirt < Generation.EARLY;
    return new LabFacts(
        /* lateRequestMayEndDaemon= */ !isEarliest && libvirt < Generation.NEWEST,
        /* namingNodesNeedsStorage= */ !isEarliest && libvirt < Generation.LATER,
        /* repetitionIsRefusedAfterBoot= */ !isEarliest,
        /* q35ComesBackFromReset= */ !isEarliest,
        /* takesNoAudio= */ !isEarliest,
        /* domainTellsTaints= */ !isEarliest,
        /* imagesAreMirroredBySnapshots= */ !isEarliest,
        /* takesRbdNamespaces= */ libvirt >= RBD_NAMESPACES,
        /* blocklist= */ isEarliest ? "blacklist" : "blocklist");
  }
}
