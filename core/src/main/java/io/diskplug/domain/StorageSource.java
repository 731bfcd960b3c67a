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
 * @param hosts where it is reached; not part of its identity
 * @param encryption format and engine of its encryption, for example {@code luks2 librbd}, if the
 *     XML asks for its decryption; not part of its identity
 */
public record StorageSource(
    String kind,
    String name,
    @Nullable String snapshot,
    List<SourceHost> hosts,
    @Nullable String encryption) {

  /** A LUN in each spelling that libvirt reads as the same number ({@code virStrToLong_ui}). */
  private static final Pattern SPELLED_LUN = Pattern.compile("/[ \\t\\n\\r]*\\+?0*([0-9]+)$");

  /** An empty drive. */
  public static final StorageSource NONE = new StorageSource("none", "", null, List.of());

  /** Copies the list. */
  public StorageSource {
    hosts = List.copyOf(hosts);
  }

  /**
   * A source that is not decrypted.
   *
   * @param kind the kind
   * @param name what the kind calls it
   * @param snapshot the snapshot of the image that is used, if any
   * @param hosts where it is reached
   */
  public StorageSource(
      String kind, String name, @Nullable String snapshot, List<SourceHost> hosts) {
    this(kind, name, snapshot, hosts, null);
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
   * Whether the other is the same storage, by kind and canonical name.
   *
   * @param other another source
   */
  public boolean isSameAs(StorageSource other) {
    return kind.equals(other.kind) && canonicalName().equals(other.canonicalName());
  }

  /** The same with an encryption; an empty drive stays one. */
  StorageSource encryptedBy(String encryption) {
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
