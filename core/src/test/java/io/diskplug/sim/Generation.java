// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.domain.View;
import io.diskplug.internal.port.DaemonFacts;
import java.util.List;

/**
 * A libvirt with the QEMU that is used with it: in what the generations differ that were seen on
 * the lab. The conformance suite holds the simulator and each lab to the facts of its generation.
 *
 * @param name for messages: the Debian release that has it
 * @param daemon what the library itself knows of the daemon
 * @param rawDiskIsOneNode whether a raw disk is the block node {@code libvirt-N-storage} alone,
 *     without a {@code libvirt-N-format} on top of it
 * @param daemonRefusesBusWithoutHotPlug whether libvirt itself refuses to plug a disk on an IDE or
 *     SATA bus, with code 84; else QEMU does, and the code is 1
 * @param portWithoutHotPlugIsPassedOver whether libvirt, when it chooses a root port for a disk of
 *     the live view, passes over one with {@code hotplug='off'}
 * @param missingDiskHasItsOwnCode whether a detach that finds no live disk fails with code 99; else
 *     with code 9
 * @param duplicateNodeIsNamed whether QEMU names the block node of which there is one already
 * @param missingScsiTakesModelOfOthers whether a SCSI controller that libvirt adds to the
 *     persistent view has the model of one that is there; else it is always lsilogic
 * @param unknownTargetPrefixIsAnXmlError whether a target dev such as {@code xyz} is refused with
 *     code 27; else with code 1
 * @param q35PlugsNatively whether a q35 is plugged by native PCI Express hot-plug: QEMU refuses a
 *     second unplug request for a device while the first one is pending, for ever if the guest has
 *     missed it; the simulator's guest that forgets is asked again all the same
 * @param takesBackups whether {@code virDomainBackupBegin} is supported
 * @param waitingDetachMayMissRelease whether {@code virDomainDetachDeviceFlags} may wait its whole
 *     time, five seconds, for a disk that QEMU has dropped at once, as it does with one on a SCSI
 *     bus; the simulator's call does not
 * @param encryptionHasAnEngine whether libvirt writes down by what an image is decrypted
 */
public record Generation(
    String name,
    DaemonFacts daemon,
    boolean rawDiskIsOneNode,
    boolean daemonRefusesBusWithoutHotPlug,
    boolean portWithoutHotPlugIsPassedOver,
    boolean missingDiskHasItsOwnCode,
    boolean duplicateNodeIsNamed,
    boolean missingScsiTakesModelOfOthers,
    boolean unknownTargetPrefixIsAnXmlError,
    boolean q35PlugsNatively,
    boolean takesBackups,
    boolean waitingDetachMayMissRelease,
    boolean encryptionHasAnEngine) {

  // Where one generation of libvirt ends; nothing was seen between 7.0, 9.0, 11.3 and 12.9.
  /** The first version that is none of the earliest generation. */
  public static final long EARLY = 9_000_000;

  /** The first version of the later generations. */
  public static final long LATER = 11_003_000;

  /** The first version of the newest generation. */
  public static final long NEWEST = 12_009_000;

  /** Debian 11: libvirt 7.0, QEMU 5.2. */
  public static final Generation BULLSEYE = of("bullseye", 7_000_000);

  /** Debian 12: libvirt 9.0, QEMU 7.2. */
  public static final Generation BOOKWORM = of("bookworm", 9_000_000);

  /** Debian 13: libvirt 11.3, QEMU 10.0. */
  public static final Generation TRIXIE = of("trixie", 11_003_000);

  /** The backports of Debian 13: libvirt 12.9, QEMU 11.1. */
  public static final Generation TRIXIE_BACKPORTS = of("trixie-backports", 12_009_000);

  /** One of each set of facts. */
  public static final List<Generation> ALL = List.of(BULLSEYE, BOOKWORM, TRIXIE, TRIXIE_BACKPORTS);

  /**
   * The generation of a lab.
   *
   * @param name for messages: what it is called
   * @param libvirt the version of its daemon, as {@code virConnectGetLibVersion} numbers it
   */
  public static Generation of(String name, long libvirt) {
    boolean isLater = libvirt >= LATER;
    boolean isNewest = libvirt >= NEWEST;
    boolean isEarliest = libvirt < EARLY;
    return new Generation(
        name,
        DaemonFacts.ofVersion(libvirt),
        /* rawDiskIsOneNode= */ isLater,
        /* daemonRefusesBusWithoutHotPlug= */ isLater || isEarliest,
        /* portWithoutHotPlugIsPassedOver= */ !isLater,
        /* missingDiskHasItsOwnCode= */ !isEarliest,
        /* duplicateNodeIsNamed= */ !isEarliest,
        /* missingScsiTakesModelOfOthers= */ isNewest,
        /* unknownTargetPrefixIsAnXmlError= */ !isEarliest,
        /* q35PlugsNatively= */ isEarliest,
        /* takesBackups= */ !isEarliest,
        /* waitingDetachMayMissRelease= */ isNewest,
        /* encryptionHasAnEngine= */ !isEarliest);
  }

  /** The code of a detach that finds no disk in a view. */
  public int missingDiskCode(View view) {
    return view == View.PERSISTENT || missingDiskHasItsOwnCode ? 99 : 9;
  }

  /** The code of a disk whose target dev begins with the letters of no bus. */
  public int unknownTargetPrefixCode() {
    return unknownTargetPrefixIsAnXmlError ? 27 : 1;
  }

  /** How libvirt shows an encryption with LUKS that was given without an engine. */
  public String luks() {
    return encryptionHasAnEngine ? "luks qemu" : "luks";
  }

  @Override
  public String toString() {
    return name;
  }
}
