// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The storage behind a disk, as a domain's XML shows it.
 *
 * @param kind the protocol of a network disk ({@code rbd}, {@code iscsi}, {@code nbd}, …), else
 *     libvirt's disk type ({@code file}, {@code block}, {@code volume}, {@code vhostuser}, …);
 *     {@code none} for an empty drive
 * @param name what the kind calls it: a path, {@code pool/image}, {@code pool/namespace/image},
 *     {@code iqn/lun}, {@code pool/volume}, a PCI address of the host and a namespace
 * @param snapshot the snapshot of the image that is used, if any
 * @param hosts the names or addresses of the hosts where it is reached, without their ports; not
 *     part of its identity
 * @param encryption format and engine of its encryption, for example {@code luks2 librbd}, if the
 *     XML asks for its decryption; not part of its identity
 * @param resolved what the daemon says that it is, if the XML names a volume of a storage pool and
 *     the daemon was asked; null otherwise
 * @param devices the devices of the storage pool that it is in, on any of which it can lie; empty
 *     unless the daemon was asked
 */
public record StorageSource(
    String kind,
    String name,
    @Nullable String snapshot,
    List<String> hosts,
    @Nullable String encryption,
    @Nullable StorageSource resolved,
    List<StorageSource> devices) {

  /** A LUN in each spelling that libvirt reads as the same number ({@code virStrToLong_ui}). */
  private static final Pattern SPELLED_LUN = Pattern.compile("/[ \\t\\n\\r]*\\+?0*([0-9]+)$");

  /** An empty drive. */
  public static final StorageSource NONE = new StorageSource("none", "", null, List.of());

  /** The kind of a SCSI device of the host that is passed through by its adapter and address. */
  public static final String SCSI_HOST = "scsi_host";

  /** The kind of the LUNs that the host's kernel has behind a vhost-scsi endpoint. */
  public static final String VHOST_SCSI = "vhost";

  /** A storage that the command line of QEMU names, and that libvirt does not know. */
  public static final String COMMAND_LINE = "commandline";

  /** Copies the lists. */
  public StorageSource {
    hosts = List.copyOf(hosts);
    devices = List.copyOf(devices);
  }

  /**
   * A source that is not decrypted.
   *
   * @param kind the kind
   * @param name what the kind calls it
   * @param snapshot the snapshot of the image that is used, if any
   * @param hosts where it is reached
   */
  public StorageSource(String kind, String name, @Nullable String snapshot, List<String> hosts) {
    this(kind, name, snapshot, hosts, null);
  }

  /**
   * A source as the XML shows it.
   *
   * @param kind the kind
   * @param name what the kind calls it
   * @param snapshot the snapshot of the image that is used, if any
   * @param hosts where it is reached
   * @param encryption format and engine of its encryption, if any
   */
  public StorageSource(
      String kind,
      String name,
      @Nullable String snapshot,
      List<String> hosts,
      @Nullable String encryption) {
    this(kind, name, snapshot, hosts, encryption, null, List.of());
  }

  /**
   * The name in the one spelling that identities are compared in: an iSCSI name in lower case and
   * with its LUN as a plain number (libvirt takes a missing one for 0), an image with its snapshot.
   */
  public String canonicalName() {
    return canonicalName(kind, name, snapshot);
  }

  /** Whether it says what it is: an empty drive does not, nor does an export without a name. */
  public boolean isNamed() {
    return !canonicalName().isEmpty();
  }

  /**
   * Whether the other is the same storage: it has the same kind and name, or one of the other names
   * that the text says are the same.
   *
   * @param other another source
   */
  public boolean isSameAs(StorageSource other) {
    return SourceNames.isSame(this, other);
  }

  /**
   * Whether the other may be the same storage, with either of the two as the one that is looked
   * for: it cannot be told, and the name of one contains that of the other.
   *
   * @param other another source
   */
  public boolean mayBe(StorageSource other) {
    return likenessTo(other) == Likeness.SUSPECT;
  }

  Likeness likenessTo(StorageSource other) {
    return SourceNames.likeness(this, other);
  }

  /**
   * Whether the other is spelled in the same way.
   *
   * @param other another source
   */
  public boolean isSpelledAs(StorageSource other) {
    return kind.equals(other.kind) && canonicalName().equals(other.canonicalName());
  }

  /**
   * Whether the text tells which storage it is: not that of a front of another process, nor that of
   * a device path that can be a name of anything.
   */
  public boolean isTold() {
    return SourceNames.isTold(this);
  }

  /**
   * What identifies it among the disks of a domain, without a scope: the same for each of the names
   * that the text, or the daemon, says are the same storage.
   *
   * @throws IllegalArgumentException if it is not named
   */
  public SourceIdentity oneIdentity() {
    return SourceNames.one(this);
  }

  /** Whether it is a volume of a storage pool and nothing is known of what that is. */
  public boolean isUnresolved() {
    return kind.equals("volume") && resolved == null;
  }

  /**
   * The same, known to be another source.
   *
   * @param told what the daemon says that it is
   */
  public StorageSource resolvedTo(StorageSource told) {
    return new StorageSource(kind, name, snapshot, hosts, encryption, told, devices);
  }

  /**
   * The same, in a pool with these devices.
   *
   * @param pooled the devices of the pool
   */
  public StorageSource onAnyOf(List<StorageSource> pooled) {
    return new StorageSource(kind, name, snapshot, hosts, encryption, resolved, pooled);
  }

  /** What it is known to be. */
  StorageSource known() {
    return resolved == null ? this : resolved;
  }

  /** The same with an encryption; an empty drive stays one. */
  public StorageSource encryptedBy(String encryption) {
    return equals(NONE) ? this : new StorageSource(kind, name, snapshot, hosts, encryption);
  }

  static String canonicalName(String kind, String name, @Nullable String snapshot) {
    String canonical = name;
    if (kind.equals("iscsi")) {
      canonical = SPELLED_LUN.matcher(name.toLowerCase(Locale.ROOT)).replaceFirst("/$1");
      if (canonical.indexOf('/') < 0) {
        canonical += "/0";
      }
    }
    return snapshot == null ? canonical : canonical + "@" + snapshot;
  }
}
