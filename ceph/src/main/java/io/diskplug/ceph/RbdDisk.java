// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.HostPort;
import io.diskplug.disk.SourceSpec;
import io.diskplug.domain.VolumeRef;
import io.diskplug.spi.DiskSource;
import java.util.List;
import java.util.Optional;

/**
 * An RBD image as a disk, or a snapshot of one. Immutable; holds no secret.
 *
 * @param volumeId the caller's name for the volume, which becomes the serial
 * @param image the image
 * @param monitors the monitors of the cluster, which listen on port 6789 unless configured
 *     otherwise; QEMU tries them all
 * @param configFile the {@code ceph.conf} on the host that has the domain, which QEMU reads; may
 *     name the monitors, and set what libvirt's XML cannot
 * @param auth how to authenticate; empty for a cluster without cephx
 * @param encryption how the image is encrypted, if librbd is to decrypt it
 * @param options how the guest shall have it
 */
public record RbdDisk(
    String volumeId,
    RbdImage image,
    List<HostPort> monitors,
    Optional<String> configFile,
    Optional<CephAuth> auth,
    Optional<RbdEncryption> encryption,
    DiskOptions options)
    implements DiskSource {

  /**
   * Checks what can be checked without the cluster.
   *
   * @throws IllegalArgumentException if the volume id is not 1 to 64 of A-Z a-z 0-9 _ -; there is
   *     neither a monitor nor a configuration file; that file's path is not absolute or has a
   *     control character; or a snapshot is to be written to
   */
  public RbdDisk {
    monitors = List.copyOf(monitors);
    if (monitors.isEmpty() && configFile.isEmpty()) {
      throw new IllegalArgumentException(
          "RBD image " + image.path() + " has neither a monitor nor a configuration file");
    }
    configFile.ifPresent(RbdDisk::checkPath);
    if (image.snapshot().isPresent() && !options.readOnly()) {
      throw new IllegalArgumentException(
          "a disk of the snapshot " + image.canonicalName() + " must be read-only");
    }
    ref(volumeId, image);
  }

  /**
   * A disk that is reached by its monitors and is not encrypted.
   *
   * @param volumeId the caller's name for the volume, which becomes the serial
   * @param image the image
   * @param monitors the monitors of the cluster
   * @param auth how to authenticate; empty for a cluster without cephx
   * @param options how the guest shall have it
   */
  public RbdDisk(
      String volumeId,
      RbdImage image,
      List<HostPort> monitors,
      Optional<CephAuth> auth,
      DiskOptions options) {
    this(volumeId, image, monitors, Optional.empty(), auth, Optional.empty(), options);
  }

  /**
   * A disk with {@link DiskOptions#DEFAULTS} and without authentication; read-only if it is a
   * snapshot.
   *
   * @param volumeId the caller's name for the volume
   * @param image the image
   * @param monitors where the cluster is reached
   */
  public static RbdDisk of(String volumeId, RbdImage image, List<HostPort> monitors) {
    return new RbdDisk(volumeId, image, monitors, Optional.empty(), defaults(image));
  }

  /**
   * A disk with {@link DiskOptions#DEFAULTS} and without a user of its own, whose cluster is that
   * of a configuration file; read-only if it is a snapshot.
   *
   * @param volumeId the caller's name for the volume
   * @param image the image
   * @param configFile the absolute path of a {@code ceph.conf} on the host that has the domain
   */
  public static RbdDisk ofConfig(String volumeId, RbdImage image, String configFile) {
    return new RbdDisk(
        volumeId,
        image,
        List.of(),
        Optional.of(configFile),
        Optional.empty(),
        Optional.empty(),
        defaults(image));
  }

  /**
   * The volume that a disk of this image is, for a detach, which needs no more.
   *
   * @param volumeId the caller's name for the volume
   * @param image the image
   * @throws IllegalArgumentException if the volume id is not 1 to 64 of A-Z a-z 0-9 _ -
   */
  public static VolumeRef ref(String volumeId, RbdImage image) {
    return new VolumeRef(volumeId, image.identity());
  }

  /**
   * The same with cephx.
   *
   * @param auth user and secret
   */
  public RbdDisk withAuth(CephAuth auth) {
    return new RbdDisk(
        volumeId, image, monitors, configFile, Optional.of(auth), encryption, options);
  }

  /**
   * The same with a configuration file.
   *
   * @param configFile the absolute path of a {@code ceph.conf} on the host that has the domain
   */
  public RbdDisk withConfigFile(String configFile) {
    return new RbdDisk(
        volumeId, image, monitors, Optional.of(configFile), auth, encryption, options);
  }

  /**
   * The same, decrypted by librbd.
   *
   * @param encryption format and secret
   */
  public RbdDisk withEncryption(RbdEncryption encryption) {
    return new RbdDisk(
        volumeId, image, monitors, configFile, auth, Optional.of(encryption), options);
  }

  /**
   * The same with other options.
   *
   * @param options how the guest shall have it
   */
  public RbdDisk withOptions(DiskOptions options) {
    return new RbdDisk(volumeId, image, monitors, configFile, auth, encryption, options);
  }

  @Override
  public VolumeRef volume() {
    return ref(volumeId, image);
  }

  @Override
  public SourceSpec source() {
    SourceSpec spec = SourceSpec.network(RbdImage.PROTOCOL, image.path()).withHosts(monitors);
    if (image.snapshot().isPresent()) {
      spec = spec.withSnapshot(image.snapshot().get());
    }
    if (configFile.isPresent()) {
      spec = spec.withConfigFile(configFile.get());
    }
    if (auth.isPresent()) {
      spec = auth.get().of(spec);
    }
    if (encryption.isPresent()) {
      spec = encryption.get().of(spec);
    }
    return spec;
  }

  private static DiskOptions defaults(RbdImage image) {
    return DiskOptions.DEFAULTS.withReadOnly(image.snapshot().isPresent());
  }

  private static void checkPath(String path) {
    if (path.length() < 2
        || path.charAt(0) != '/'
        || path.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "the configuration file \"" + path + "\" is not an absolute path");
    }
  }
}
