// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import io.diskplug.domain.SourceIdentity;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An RBD image, or a snapshot of one. A snapshot is another volume than its image, with an alias of
 * its own: both can be attached to one domain.
 *
 * @param cluster what tells this cluster from every other: its fsid, or a name that never changes.
 *     Every controller that may attach the image must use the same, for it is part of the disk's
 *     alias.
 * @param pool the pool
 * @param namespace the namespace in the pool, if any
 * @param name the image
 * @param snapshot the snapshot of the image that is meant, if it is not the image itself
 */
public record RbdImage(
    String cluster,
    String pool,
    Optional<String> namespace,
    String name,
    Optional<String> snapshot) {

  /** What libvirt calls such a source. */
  static final String PROTOCOL = "rbd";

  // Ceph allows more. But '/' and '@' separate the parts of a name, QEMU's older syntax gives a
  // meaning to ':' and '\', and quotes in the name of an image help no operator.
  private static final String ANY_NAME = "[A-Za-z0-9._+=-]{1,128}";
  private static final Pattern NAME = Pattern.compile(ANY_NAME);

  /** See {@link #canonicalName}. */
  private static final Pattern CANONICAL_NAME =
      Pattern.compile(
          "(?<pool>N)/(?:(?<namespace>N)/)?(?<image>N)(?:@(?<snapshot>N))?".replace("N", ANY_NAME));

  /**
   * Checks the names.
   *
   * @throws IllegalArgumentException if the cluster is empty, or a name is not 1 to 128 of the
   *     characters A-Z, a-z, 0-9, '.', '_', '+', '=' and '-'
   */
  public RbdImage {
    if (cluster.isBlank()) {
      throw new IllegalArgumentException("the Ceph cluster has no fsid or name");
    }
    check("pool", pool);
    namespace.ifPresent(value -> check("namespace", value));
    check("image", name);
    snapshot.ifPresent(value -> check("snapshot", value));
  }

  /**
   * An image, and no snapshot of it.
   *
   * @param cluster the cluster's fsid, or a name that never changes
   * @param pool the pool
   * @param namespace the namespace in the pool, if any
   * @param name the image
   */
  public RbdImage(String cluster, String pool, Optional<String> namespace, String name) {
    this(cluster, pool, namespace, name, Optional.empty());
  }

  /**
   * An image outside of any namespace.
   *
   * @param cluster the cluster's fsid, or a name that never changes
   * @param pool the pool
   * @param name the image
   */
  public static RbdImage of(String cluster, String pool, String name) {
    return new RbdImage(cluster, pool, Optional.empty(), name);
  }

  /**
   * The image of the same name in a namespace of the pool.
   *
   * @param namespace the namespace
   */
  public RbdImage inNamespace(String namespace) {
    return new RbdImage(cluster, pool, Optional.of(namespace), name, snapshot);
  }

  /**
   * A snapshot of the image. A disk of it must be read-only.
   *
   * @param snapshot the snapshot
   */
  public RbdImage atSnapshot(String snapshot) {
    return new RbdImage(cluster, pool, namespace, name, Optional.of(snapshot));
  }

  /**
   * {@code pool/image} or {@code pool/namespace/image}, as libvirt writes it: without the snapshot,
   * which has an element of its own.
   */
  public String path() {
    return pool + "/" + namespace.map(value -> value + "/").orElse("") + name;
  }

  /** What identities are compared by: the path, and {@code @} and the snapshot, if one is meant. */
  String canonicalName() {
    return path() + snapshot.map(value -> "@" + value).orElse("");
  }

  /** The identity of a disk of it. */
  SourceIdentity identity() {
    return new SourceIdentity(PROTOCOL, cluster, canonicalName());
  }

  /** The image that an identity is of; empty if it is of none. */
  static Optional<RbdImage> of(SourceIdentity identity) {
    Matcher name = CANONICAL_NAME.matcher(identity.name());
    if (!identity.kind().equals(PROTOCOL) || identity.scope().isBlank() || !name.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new RbdImage(
            identity.scope(),
            name.group("pool"),
            Optional.ofNullable(name.group("namespace")),
            name.group("image"),
            Optional.ofNullable(name.group("snapshot"))));
  }

  private static void check(String what, String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "the " + what + " name \"" + name + "\" is not 1 to 128 of A-Z a-z 0-9 . _ + = -");
    }
  }
}
