// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.HostPort;
import io.diskplug.diskxml.AuthXml;
import io.diskplug.diskxml.DiskXml;
import io.diskplug.diskxml.SourceXml;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.VolumeRef;
import io.diskplug.spi.DiskSource;
import java.util.List;
import java.util.Optional;

/**
 * An RBD image as a disk. Immutable; holds no secret.
 *
 * @param volumeId the caller's name for the volume, which becomes the serial
 * @param image the image
 * @param monitors the monitors of the cluster, which listen on port 6789 unless configured
 *     otherwise; QEMU tries them all
 * @param auth how to authenticate; empty for a cluster without cephx
 * @param options how the guest shall have it
 */
public record RbdDisk(
    String volumeId,
    RbdImage image,
    List<HostPort> monitors,
    Optional<CephAuth> auth,
    DiskOptions options)
    implements DiskSource {

  private static final String PROTOCOL = "rbd";

  /**
   * Checks what can be checked without the cluster.
   *
   * @throws IllegalArgumentException if the volume id is not 1 to 64 of A-Z a-z 0-9 _ -, or there
   *     is no monitor
   */
  public RbdDisk {
    monitors = List.copyOf(monitors);
    if (monitors.isEmpty()) {
      throw new IllegalArgumentException("RBD image " + image.path() + " has no monitor");
    }
    ref(volumeId, image);
  }

  /**
   * A disk with {@link DiskOptions#DEFAULTS} and without authentication.
   *
   * @param volumeId the caller's name for the volume
   * @param image the image
   * @param monitors where the cluster is reached
   */
  public static RbdDisk of(String volumeId, RbdImage image, List<HostPort> monitors) {
    return new RbdDisk(volumeId, image, monitors, Optional.empty(), DiskOptions.DEFAULTS);
  }

  /**
   * The volume that a disk of this image is, for a detach, which needs no more.
   *
   * @param volumeId the caller's name for the volume
   * @param image the image
   * @throws IllegalArgumentException if the volume id is not 1 to 64 of A-Z a-z 0-9 _ -
   */
  public static VolumeRef ref(String volumeId, RbdImage image) {
    return new VolumeRef(volumeId, new SourceIdentity(PROTOCOL, image.cluster(), image.path()));
  }

  /**
   * The same with cephx.
   *
   * @param auth user and secret
   */
  public RbdDisk withAuth(CephAuth auth) {
    return new RbdDisk(volumeId, image, monitors, Optional.of(auth), options);
  }

  /**
   * The same with other options.
   *
   * @param options how the guest shall have it
   */
  public RbdDisk withOptions(DiskOptions options) {
    return new RbdDisk(volumeId, image, monitors, auth, options);
  }

  @Override
  public VolumeRef volume() {
    return ref(volumeId, image);
  }

  @Override
  public DiskBus bus() {
    return options.bus();
  }

  @Override
  public DiskXml toXml() {
    DiskXml xml = options.toXml();
    xml.type = "network";
    SourceXml source = new SourceXml();
    source.protocol = PROTOCOL;
    source.name = image.path();
    for (HostPort monitor : monitors) {
      source.hosts.add(monitor.toXml());
    }
    source.auth = auth.map(cephx -> AuthXml.of(cephx.user(), "ceph", cephx.secret())).orElse(null);
    xml.source = source;
    return xml;
  }
}
