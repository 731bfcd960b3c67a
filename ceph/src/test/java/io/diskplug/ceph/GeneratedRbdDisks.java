// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static io.diskplug.disk.GeneratedOptions.letters;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.GeneratedOptions;
import io.diskplug.disk.HostPort;
import io.diskplug.disk.SecretRef;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Any disk that can be made. */
final class GeneratedRbdDisks {

  static final Arbitrary<String> NAMES = letters().withChars("._+=-").ofMaxLength(128);

  /** What libvirt's schema calls a generic name; libvirt itself takes more. */
  private static final Arbitrary<String> SCHEMA_NAMES = letters().withChars("_+-").ofMaxLength(64);

  private GeneratedRbdDisks() {}

  static Arbitrary<RbdDisk> any() {
    // Ceph limits what a user is called; this library leaves that to Ceph.
    Arbitrary<String> users =
        Arbitraries.strings()
            .withCharRange(' ', '~')
            .ofMinLength(1)
            .filter(user -> !user.startsWith("client."));
    return disks(
        images(NAMES),
        users,
        Arbitraries.of("mon-1", "mon_2.example.org", "192.0.2.7", "2001:db8::7"),
        encryptions(EnumSet.allOf(RbdEncryption.Format.class)));
  }

  private static Arbitrary<Optional<RbdEncryption>> encryptions(Set<RbdEncryption.Format> formats) {
    return formats.isEmpty()
        ? Arbitraries.just(Optional.empty())
        : Combinators.combine(Arbitraries.of(formats), secrets()).as(RbdEncryption::new).optional();
  }

  /** Without names that libvirt takes and its schema does not, and in these formats only. */
  static Arbitrary<RbdDisk> bySchema(Set<RbdEncryption.Format> formats) {
    return disks(
        images(SCHEMA_NAMES),
        SCHEMA_NAMES,
        Arbitraries.of("mon-1", "mon-2.example.org", "192.0.2.7", "2001:db8::7"),
        encryptions(formats));
  }

  /** Images outside and inside of namespaces, and snapshots of them. */
  static Arbitrary<RbdImage> images(Arbitrary<String> snapshots) {
    return Combinators.combine(
            Arbitraries.strings().ascii().ofMinLength(1).filter(name -> !name.isBlank()),
            NAMES,
            NAMES.optional(),
            NAMES,
            snapshots.optional(0.3))
        .as(RbdImage::new);
  }

  private static Arbitrary<RbdDisk> disks(
      Arbitrary<RbdImage> images,
      Arbitrary<String> users,
      Arbitrary<String> hosts,
      Arbitrary<Optional<RbdEncryption>> encryptions) {
    Arbitrary<HostPort> monitors =
        Combinators.combine(hosts, Arbitraries.integers().between(1, 65535)).as(HostPort::new);
    Arbitrary<CephAuth> auths = Combinators.combine(users, secrets()).as(CephAuth::new);
    return Combinators.combine(
            letters().withChars("_-").ofMaxLength(64),
            images,
            monitors.list().ofMaxSize(9),
            Arbitraries.strings()
                .withCharRange(' ', '~')
                .ofMinLength(1)
                .map("/"::concat)
                .optional(),
            auths.optional(),
            encryptions,
            GeneratedOptions.any())
        .as(GeneratedRbdDisks::disk);
  }

  private static RbdDisk disk(
      String id,
      RbdImage image,
      List<HostPort> monitors,
      Optional<String> configFile,
      Optional<CephAuth> auth,
      Optional<RbdEncryption> encryption,
      DiskOptions options) {
    return new RbdDisk(
        id,
        image,
        monitors.isEmpty() && configFile.isEmpty()
            ? List.of(new HostPort("mon-1", 6789))
            : monitors,
        configFile,
        auth,
        encryption,
        image.snapshot().isPresent() ? options.withReadOnly(true) : options);
  }

  private static Arbitrary<SecretRef> secrets() {
    return Arbitraries.oneOf(
        Arbitraries.longs().map(number -> SecretRef.uuid(new UUID(number, number))),
        Arbitraries.strings()
            .withCharRange('!', '~')
            .ofMinLength(1)
            .filter(usage -> usage.indexOf('/') < 0)
            .map(SecretRef::usage));
  }
}
