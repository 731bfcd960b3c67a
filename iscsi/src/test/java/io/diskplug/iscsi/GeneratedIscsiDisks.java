// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import static io.diskplug.disk.GeneratedOptions.letters;

import io.diskplug.disk.GeneratedOptions;
import io.diskplug.disk.HostPort;
import io.diskplug.disk.SecretRef;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Any disk that can be made. */
final class GeneratedIscsiDisks {

  private GeneratedIscsiDisks() {}

  static Arbitrary<IscsiDisk> any() {
    // A password and its user may be anything; XML knows no control characters.
    return disks(
        Arbitraries.strings()
            .withCharRange(' ', '~')
            .withCharRange('\u00a1', '\ud7ff')
            .ofMinLength(1));
  }

  /** Without users that libvirt takes and its schema does not. */
  static Arbitrary<IscsiDisk> bySchema() {
    return disks(letters().withChars("_+-").ofMaxLength(64));
  }

  private static Arbitrary<IscsiDisk> disks(Arbitrary<String> users) {
    Arbitrary<HostPort> portals =
        Combinators.combine(
                Arbitraries.of("portal", "portal.example.org", "192.0.2.7", "2001:db8::7"),
                Arbitraries.integers().between(1, 65535))
            .as(HostPort::new);
    Arbitrary<SecretRef> secrets =
        Arbitraries.oneOf(
            Arbitraries.longs().map(number -> SecretRef.uuid(new UUID(number, number))),
            letters().withChars("._:@-").map(SecretRef::usage));
    return Combinators.combine(
            letters().withChars("_-").ofMaxLength(64),
            luns(),
            portals,
            Combinators.combine(users, secrets).as(ChapAuth::new).optional(),
            targets().optional(),
            GeneratedOptions.any())
        .as(IscsiDisk::new);
  }

  static Arbitrary<IscsiLun> luns() {
    return Combinators.combine(targets(), Arbitraries.integers().between(0, 16383))
        .as(IscsiLun::new);
  }

  private static Arbitrary<String> targets() {
    Arbitrary<String> iqns =
        Combinators.combine(
                letters().withChars("._-").ofMaxLength(50),
                letters().withChars("._:-").ofMaxLength(150))
            .as((authority, name) -> "iqn.2026-01." + authority + ":" + name);
    Arbitrary<String> hex = Arbitraries.strings().withChars("0123456789abcdefABCDEF").ofLength(16);
    return Arbitraries.oneOf(
        iqns, hex.map(name -> "eui." + name), hex.map(name -> "naa." + name + name));
  }
}
