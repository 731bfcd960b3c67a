// SPDX-License-Identifier: Apache-2.0
package io.diskplug.spi;

import io.diskplug.domain.StorageSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the library has to know of a kind of storage to serve requests about its volumes: how QEMU
 * shows such a volume that it has open, and what the messages of QEMU's block driver mean. A detach
 * or a repair has no disk of the backend at hand, only the name of a kind; so kinds are registered.
 *
 * <p>A backend brings one for each kind of its disks. It is found by {@link
 * java.util.ServiceLoader}, if {@code META-INF/services/io.diskplug.spi.StorageKind} names a public
 * class with a public constructor without parameters, or is given to {@code
 * Options.withStorageKinds}. A request about a volume of a kind that is not registered is {@link
 * io.diskplug.outcome.Rejected.Reason#STORAGE_KIND_UNKNOWN}.
 *
 * <p>Implementations are functions of their arguments: they ask nothing, keep nothing, do not
 * block, and are safe for use by several threads.
 */
public interface StorageKind {

  /**
   * The name of the kind, as in {@link StorageSource#kind()}: libvirt's name of the protocol of a
   * network disk, for example {@code rbd}.
   */
  String name();

  /**
   * The block drivers of QEMU that open such a volume ({@code BlockdevDriver} of QEMU's {@code
   * qapi/block-core.json}), for example {@code rbd}; not those of formats on top of it. At least
   * one, and none that belongs to another kind.
   */
  Set<String> drivers();

  /**
   * What a block node of one of the {@link #drivers()} has open, as a domain's XML names it. With
   * this a volume is found in QEMU that no view of libvirt shows any more, which decides whether it
   * was detached: a wrong name makes a detach say so of a volume that QEMU has open.
   *
   * @param driver the driver of the node, one of {@link #drivers()}
   * @param options the options of the driver with which QEMU names what the node has open ({@code
   *     BlockdevOptions}), as texts. An option within another has a key with a dot, as in {@code
   *     server.host}. Where QEMU gives a plain file name, it is the option {@code filename}, and
   *     the only one
   * @return the source, whose kind is {@link #name()}; hosts may be left out
   * @throws IllegalArgumentException if the options do not tell it: what QEMU has open is then not
   *     known, and no request takes its volume for closed
   */
  StorageSource opened(String driver, Map<String, String> options);

  /**
   * What QEMU's block driver says with the words with which it refuses to open a volume. The words
   * are those of libvirt's error 1 ({@code VIR_ERR_INTERNAL_ERROR}) of an attach, in English; what
   * is between quotation marks is left out, since names can contain any words. Kinds are asked in
   * the order of their names, and the first answer counts: answer only where the words are those of
   * this driver.
   *
   * @param words the words, for example {@code internal error: unable to execute QEMU command
   *     'blockdev-add': error connecting: Connection timed out}
   * @return {@link StorageProbe.Reason#CANNOT_ASK} if the host of the domain lacks what the driver
   *     needs; {@link StorageProbe.Reason#NOT_KNOWN} if the cause may pass or may stay; any other
   *     reason as it says; empty if the words are not this driver's. As it is not overridden: empty
   */
  default Optional<StorageProbe.Reason> meaning(String words) {
    return Optional.empty();
  }
}
