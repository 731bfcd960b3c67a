// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.HostPort;
import io.diskplug.disk.SourceSpec;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.VolumeRef;
import io.diskplug.spi.DiskSource;
import java.util.List;
import java.util.Optional;

/**
 * An iSCSI LUN as a disk. Immutable; holds no secret.
 *
 * @param volumeId the caller's name for the volume, which becomes the serial
 * @param lun target and LUN
 * @param portal where the target listens, by default on port 3260
 * @param auth how to authenticate; empty for an open target
 * @param initiator the name to log in with; empty for the one that QEMU makes up
 * @param options how the guest shall have it
 */
public record IscsiDisk(
    String volumeId,
    IscsiLun lun,
    HostPort portal,
    Optional<ChapAuth> auth,
    Optional<String> initiator,
    DiskOptions options)
    implements DiskSource {

  static final String PROTOCOL = "iscsi";

  /**
   * Checks what can be checked without the target.
   *
   * @throws IllegalArgumentException if the volume id is not 1 to 64 of A-Z a-z 0-9 _ -, or the
   *     initiator is no iSCSI name
   */
  public IscsiDisk {
    initiator.ifPresent(IscsiNames::check);
    ref(volumeId, lun);
  }

  /**
   * A disk with {@link DiskOptions#DEFAULTS} of an open target.
   *
   * @param volumeId the caller's name for the volume
   * @param lun target and LUN
   * @param portal where the target listens
   */
  public static IscsiDisk of(String volumeId, IscsiLun lun, HostPort portal) {
    return new IscsiDisk(
        volumeId, lun, portal, Optional.empty(), Optional.empty(), DiskOptions.DEFAULTS);
  }

  /**
   * The volume that a disk of this LUN is, for a detach, which needs no more.
   *
   * @param volumeId the caller's name for the volume
   * @param lun target and LUN
   * @throws IllegalArgumentException if the volume id is not 1 to 64 of A-Z a-z 0-9 _ -
   */
  public static VolumeRef ref(String volumeId, IscsiLun lun) {
    return new VolumeRef(volumeId, new SourceIdentity(PROTOCOL, "", lun.path()));
  }

  /**
   * The same with CHAP.
   *
   * @param auth user and secret
   */
  public IscsiDisk withAuth(ChapAuth auth) {
    return new IscsiDisk(volumeId, lun, portal, Optional.of(auth), initiator, options);
  }

  /**
   * The same with an initiator of its own.
   *
   * @param name the name to log in with
   */
  public IscsiDisk withInitiator(String name) {
    return new IscsiDisk(volumeId, lun, portal, auth, Optional.of(name), options);
  }

  /**
   * The same with other options.
   *
   * @param options how the guest shall have it
   */
  public IscsiDisk withOptions(DiskOptions options) {
    return new IscsiDisk(volumeId, lun, portal, auth, initiator, options);
  }

  @Override
  public VolumeRef volume() {
    return ref(volumeId, lun);
  }

  @Override
  public SourceSpec source() {
    SourceSpec spec = SourceSpec.network(PROTOCOL, lun.path()).withHosts(List.of(portal));
    if (auth.isPresent()) {
      spec = auth.get().of(spec);
    }
    if (initiator.isPresent()) {
      spec = spec.withInitiator(initiator.get());
    }
    return spec;
  }
}
