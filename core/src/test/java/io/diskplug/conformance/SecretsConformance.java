// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.SecretUsage;
import io.diskplug.internal.fault.Condition;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.model.SecretDefinition;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.port.SecretStore;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a secret is found by, what of it can be changed, and what is refused. */
public abstract class SecretsConformance extends ConformanceSuite {

  private static final byte[] VALUE = {1, 0, (byte) 255};

  private final UUID uuid = UUID.randomUUID();
  private final UUID another = UUID.randomUUID();
  private final String name = "conformance " + uuid;
  private final SecretUsage ceph = SecretUsage.ceph(name);
  private final SecretUsage iscsi = SecretUsage.iscsi(name);

  private HypervisorPort hypervisor;
  private SecretStore store;

  @BeforeEach
  void connect() throws FaultException {
    hypervisor = bed().connect();
    store = hypervisor.secrets();
  }

  @AfterEach
  void remove() throws FaultException {
    for (SecretUsage usage : new SecretUsage[] {ceph, iscsi}) {
      Optional<UUID> left = store.find(usage);
      if (left.isPresent()) {
        store.remove(left.get());
      }
    }
    hypervisor.close();
  }

  private static String xml(SecretUsage usage, String uuidElement, String attributes) {
    String id =
        usage.isCeph()
            ? "<name>" + usage.name() + "</name>"
            : "<target>" + usage.name() + "</target>";
    return "<secret %s>%s<usage type='%s'>%s</usage></secret>"
        .formatted(attributes, uuidElement, usage.type(), id);
  }

  private void define(SecretUsage usage, UUID as, String attributes) throws FaultException {
    store.define(xml(usage, "<uuid>" + as + "</uuid>", attributes));
  }

  private void define(SecretUsage usage, UUID as) throws FaultException {
    define(usage, as, "private='yes'");
  }

  private SecretDefinition read() throws FaultException {
    return DomainXmlReader.readSecret(store.xml(uuid).orElseThrow());
  }

  @Test
  void itIsFoundByItsUsageAndByItsUuid() throws Exception {
    define(ceph, uuid, "private='yes' ephemeral='yes'");

    assertThat(store.find(ceph)).contains(uuid);
    assertThat(store.find(iscsi)).isEmpty();
    assertThat(store.xml(another)).isEmpty();
    assertThat(read())
        .isEqualTo(
            new SecretDefinition(Optional.of(uuid), "ceph", name, true, true, Optional.empty()));
  }

  @Test
  void withoutAUuidItIsGivenOneAndIsNeitherPrivateNorEphemeral() throws Exception {
    store.define(xml(iscsi, "", ""));

    UUID given = store.find(iscsi).orElseThrow();
    assertThat(DomainXmlReader.readSecret(store.xml(given).orElseThrow()))
        .isEqualTo(
            new SecretDefinition(
                Optional.of(given), "iscsi", name, false, false, Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aUsageIsThatOfOneSecret(boolean withUuid) throws Exception {
    define(ceph, uuid);
    String element = withUuid ? "<uuid>" + another + "</uuid>" : "";

    refused(1, Condition.SECRET_TAKEN, () -> store.define(xml(ceph, element, "private='yes'")));

    assertThat(store.find(ceph)).contains(uuid);
    assertThat(store.xml(another)).isEmpty();
  }

  @Test
  void aUuidKeepsTheNameOfItsUsage() throws Exception {
    define(ceph, uuid);
    SecretUsage other = SecretUsage.ceph(name + " too");

    refused(1, Condition.SECRET_TAKEN, () -> define(other, uuid));

    assertThat(store.find(ceph)).contains(uuid);
    assertThat(store.find(other)).isEmpty();
  }

  @Test
  void aUuidChangesItsTypeWithoutAWord() throws Exception {
    define(ceph, uuid);

    define(iscsi, uuid);

    assertThat(store.find(ceph)).isEmpty();
    assertThat(store.find(iscsi)).contains(uuid);
  }

  @Test
  void itCanBeMadePrivateAndNotPublishedAgain() throws Exception {
    define(ceph, uuid, "");
    assertThat(read().isPrivate()).isFalse();

    define(ceph, uuid);
    refused(1, Condition.OTHER, () -> define(ceph, uuid, "private='no'"));

    assertThat(read().isPrivate()).isTrue();
  }

  @Test
  void itCanBeMadeEphemeralAndKeptAgainAlsoWhereItIsPrivate() throws Exception {
    define(ceph, uuid);

    define(ceph, uuid, "private='yes' ephemeral='yes'");
    assertThat(read().ephemeral()).isTrue();

    define(ceph, uuid, "private='yes' ephemeral='no'");
    assertThat(read().ephemeral()).isFalse();
  }

  @Test
  void aDefinitionReplacesTheDescription() throws Exception {
    store.define(xml(ceph, "<uuid>" + uuid + "</uuid><description>a &amp; b</description>", ""));
    assertThat(read().description()).contains("a & b");

    define(ceph, uuid, "");

    assertThat(read().description()).isEmpty();
  }

  @Test
  void aValueCanBeSetAsOftenAsOneLikes() throws Exception {
    define(ceph, uuid);

    store.setValue(uuid, VALUE);
    store.setValue(uuid, new byte[65536]);
  }

  @Test
  void aValueThatIsTooLongDoesNotReachTheDaemon() throws Exception {
    define(ceph, uuid);

    refused(39, Condition.CONNECTION_LOST, () -> store.setValue(uuid, new byte[65537]));
  }

  @Test
  void whatIsNotThereHasNoValueAndIsNotRemoved() throws Exception {
    refused(66, Condition.SECRET_MISSING, () -> store.setValue(uuid, VALUE));

    assertThat(store.remove(uuid)).isFalse();
  }

  @Test
  void itIsRemovedOnce() throws Exception {
    define(ceph, uuid);
    store.setValue(uuid, VALUE);

    assertThat(store.remove(uuid)).isTrue();
    assertThat(store.remove(uuid)).isFalse();
    assertThat(store.find(ceph)).isEmpty();
    assertThat(store.xml(uuid)).isEmpty();
  }
}
