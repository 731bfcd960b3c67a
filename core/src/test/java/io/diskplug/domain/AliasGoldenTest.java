// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Disks with these aliases are attached to domains: an alias that changes makes each of them a disk
 * of another volume. The literals were computed by another program, from the documented rule.
 */
class AliasGoldenTest {

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          rbd, 0f2b1d1e-6a3e-4c60-9a39-9d2f6ed1e8a1, volumes/first-light, ua-dp-fe82fc941d1cf4221a3fe862bbea85fd
          rbd, site-1, volumes/tenant/first-light, ua-dp-8d7ad61333a64f7ecc4e06c86361dbde
          rbd, site-1, volumes/first-light@daily, ua-dp-f63d009ceabe8ee126af05d8b6b98c51
          rbd, '', volumes//odd, ua-dp-ba5621bd774bde5edd5c33b9e71ad6ab
          iscsi, '', iqn.2026-01.io.diskplug:open/1, ua-dp-f356047ce6fdfdb1ef5caf7eed422c8b
          iscsi, '', iqn.2026-01.io.diskplug:open/0, ua-dp-4beeb41ef5b4e99a7089de7d134a4cf9
          file, '', /srv/one.img, ua-dp-49faf211e541eeda237167de21835d77
          file, '', /srv//one.img, ua-dp-ac817a4ac6b8e7a2279cd1d4be2d48a3
          block, '', /dev/rbd/volumes/first-light, ua-dp-03b0ec1b9aca6a070a6d13d33f604507
          """)
  void theAliasOfAnIdentityNeverChanges(String kind, String scope, String name, String alias) {
    assertThat(new SourceIdentity(kind, scope, name).alias()).isEqualTo(alias);
  }

  /** An iSCSI name has no case, and a LUN that is left out is 0. */
  @ParameterizedTest
  @CsvSource({
    "IQN.2026-01.io.Diskplug:Open/1, ua-dp-f356047ce6fdfdb1ef5caf7eed422c8b",
    "iqn.2026-01.io.diskplug:open, ua-dp-4beeb41ef5b4e99a7089de7d134a4cf9",
  })
  void spellingsOfALun(String name, String alias) {
    assertThat(new SourceIdentity("iscsi", "", name).alias()).isEqualTo(alias);
  }
}
