// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import java.util.List;
import java.util.Optional;

/**
 * Where the data of a disk is and how QEMU reaches it: libvirt's {@code <source>}. A storage
 * backend makes one for each of its disks; the library writes the XML. The data is raw: QEMU looks
 * for no image format in it.
 *
 * <p>Immutable, and safe for use by several threads. Holds no secret, only the names of libvirt's.
 */
public final class SourceSpec {

  private static final String FILE = "file";
  private static final String BLOCK = "block";
  private static final String NETWORK = "network";

  /** A user of the storage, and the type and the name of the secret. */
  private record Auth(String user, String secretType, SecretRef secret) {}

  /** How the data is encrypted, and the name of the secret that holds the passphrase. */
  private record Encryption(String engine, String format, SecretRef secret) {}

  private final String type;
  private final String protocol;
  private final String name;
  private final List<HostPort> hosts;
  private final Optional<String> snapshot;
  private final Optional<String> configFile;
  private final Optional<Auth> auth;
  private final Optional<Encryption> encryption;
  private final Optional<String> initiator;

  private SourceSpec(String type, String protocol, String name) {
    this(
        type,
        protocol,
        name,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private SourceSpec(
      String type,
      String protocol,
      String name,
      List<HostPort> hosts,
      Optional<String> snapshot,
      Optional<String> configFile,
      Optional<Auth> auth,
      Optional<Encryption> encryption,
      Optional<String> initiator) {
    boolean needsNetwork =
        !hosts.isEmpty()
            || snapshot.isPresent()
            || configFile.isPresent()
            || auth.isPresent()
            || initiator.isPresent();
    if (!type.equals(NETWORK) && needsNetwork) {
      throw new IllegalArgumentException(
          name + " is not reached over the network: it has no hosts, user, snapshot or initiator");
    }
    this.type = type;
    this.protocol = protocol;
    this.name = name;
    this.hosts = List.copyOf(hosts);
    this.snapshot = snapshot;
    this.configFile = configFile;
    this.auth = auth;
    this.encryption = encryption;
    this.initiator = initiator;
  }

  /**
   * A file.
   *
   * @param path its absolute path on the host of the domain
   * @throws IllegalArgumentException if the path is not absolute, or has a control character
   */
  public static SourceSpec file(String path) {
    return new SourceSpec(FILE, "", checkedPath(path));
  }

  /**
   * A block device.
   *
   * @param path its absolute path on the host of the domain
   * @throws IllegalArgumentException if the path is not absolute, or has a control character
   */
  public static SourceSpec block(String path) {
    return new SourceSpec(BLOCK, "", checkedPath(path));
  }

  /**
   * A storage that QEMU reaches over the network.
   *
   * @param protocol libvirt's name of the protocol, for example {@code rbd}
   * @param name the name of the volume under that protocol, for example {@code pool/image}
   * @throws IllegalArgumentException if either is empty or has a control character
   */
  public static SourceSpec network(String protocol, String name) {
    return new SourceSpec(NETWORK, checkedText("protocol", protocol), checkedText("name", name));
  }

  /**
   * The same, reached at these endpoints in place of those before.
   *
   * @param hosts the endpoints, in the order in which QEMU is told them
   * @throws IllegalArgumentException if it is a file or a block device
   */
  public SourceSpec withHosts(List<HostPort> hosts) {
    return new SourceSpec(
        type, protocol, name, hosts, snapshot, configFile, auth, encryption, initiator);
  }

  /**
   * The same at a snapshot.
   *
   * @param snapshot the name of the snapshot
   * @throws IllegalArgumentException if it is empty or has a control character, or this is a file
   *     or a block device
   */
  public SourceSpec withSnapshot(String snapshot) {
    return new SourceSpec(
        type,
        protocol,
        name,
        hosts,
        Optional.of(checkedText("snapshot", snapshot)),
        configFile,
        auth,
        encryption,
        initiator);
  }

  /**
   * The same with a configuration file of the storage's client.
   *
   * @param path its absolute path on the host of the domain
   * @throws IllegalArgumentException if the path is not absolute, or has a control character, or
   *     this is a file or a block device
   */
  public SourceSpec withConfigFile(String path) {
    return new SourceSpec(
        type,
        protocol,
        name,
        hosts,
        snapshot,
        Optional.of(checkedPath(path)),
        auth,
        encryption,
        initiator);
  }

  /**
   * The same as a user of the storage.
   *
   * @param user the user
   * @param secretType libvirt's type of the secret: {@code ceph} or {@code iscsi}
   * @param secret the libvirt secret that holds the key or the password
   * @throws IllegalArgumentException if user or type is empty or has a control character, or this
   *     is a file or a block device
   */
  public SourceSpec withUser(String user, String secretType, SecretRef secret) {
    Auth named =
        new Auth(checkedText("user", user), checkedText("type of the secret", secretType), secret);
    return new SourceSpec(
        type,
        protocol,
        name,
        hosts,
        snapshot,
        configFile,
        Optional.of(named),
        encryption,
        initiator);
  }

  /**
   * The same, decrypted on the way.
   *
   * @param engine what decrypts it, for example {@code librbd}
   * @param format the format, for example {@code luks2}
   * @param secret the libvirt secret that holds the passphrase
   * @throws IllegalArgumentException if engine or format is empty or has a control character
   */
  public SourceSpec withEncryption(String engine, String format, SecretRef secret) {
    Encryption given =
        new Encryption(checkedText("engine", engine), checkedText("format", format), secret);
    return new SourceSpec(
        type, protocol, name, hosts, snapshot, configFile, auth, Optional.of(given), initiator);
  }

  /**
   * The same with the name of an iSCSI initiator.
   *
   * @param name the name to log in with
   * @throws IllegalArgumentException if it is empty or has a control character, or this is a file
   *     or a block device
   */
  public SourceSpec withInitiator(String name) {
    return new SourceSpec(
        type,
        protocol,
        this.name,
        hosts,
        snapshot,
        configFile,
        auth,
        encryption,
        Optional.of(checkedText("initiator", name)));
  }

  /** libvirt's type of the disk: {@code file}, {@code block} or {@code network}. */
  public String type() {
    return type;
  }

  /** The network protocol; empty for a file or a block device. */
  public String protocol() {
    return protocol;
  }

  /** The path of the file or the device, or the name under the protocol. */
  public String name() {
    return name;
  }

  /** Where the storage is reached, in the order in which QEMU is told. */
  public List<HostPort> hosts() {
    return hosts;
  }

  /** The name of the snapshot. */
  public Optional<String> snapshot() {
    return snapshot;
  }

  /** The path of the configuration file of the storage's client. */
  public Optional<String> configFile() {
    return configFile;
  }

  /** The user of the storage. */
  public Optional<String> user() {
    return auth.map(Auth::user);
  }

  /** libvirt's type of the user's secret; present if there is a user. */
  public Optional<String> secretType() {
    return auth.map(Auth::secretType);
  }

  /** The user's secret; present if there is a user. */
  public Optional<SecretRef> secret() {
    return auth.map(Auth::secret);
  }

  /** What decrypts the data. */
  public Optional<String> encryptionEngine() {
    return encryption.map(Encryption::engine);
  }

  /** The format in which the data is encrypted; present if there is an engine. */
  public Optional<String> encryptionFormat() {
    return encryption.map(Encryption::format);
  }

  /** The secret that holds the passphrase; present if there is an engine. */
  public Optional<SecretRef> encryptionSecret() {
    return encryption.map(Encryption::secret);
  }

  /** The name of the iSCSI initiator. */
  public Optional<String> initiator() {
    return initiator;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SourceSpec spec && parts().equals(spec.parts());
  }

  @Override
  public int hashCode() {
    return parts().hashCode();
  }

  private List<Object> parts() {
    return List.of(type, protocol, name, hosts, snapshot, configFile, auth, encryption, initiator);
  }

  /** Type, protocol and name. */
  @Override
  public String toString() {
    return type.equals(NETWORK) ? protocol + ":" + name : name;
  }

  private static String checkedPath(String path) {
    if (path.isEmpty() || path.charAt(0) != '/' || hasControl(path)) {
      throw new IllegalArgumentException("\"" + path + "\" is not an absolute path");
    }
    return path;
  }

  private static String checkedText(String what, String text) {
    if (text.isEmpty() || hasControl(text)) {
      throw new IllegalArgumentException(
          "the " + what + " \"" + text + "\" is empty or has a control character");
    }
    return text;
  }

  private static boolean hasControl(String text) {
    return text.chars().anyMatch(Character::isISOControl);
  }
}
