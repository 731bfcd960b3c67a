// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.kind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.StorageSource;
import io.diskplug.internal.fault.Condition;
import io.diskplug.spi.StorageKind;
import io.diskplug.spi.StorageProbe;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class StorageKindsTest {

  private record Named(String name, Set<String> drivers) implements StorageKind {
    @Override
    public StorageSource opened(String driver, Map<String, String> options) {
      return new StorageSource(name, driver, null, List.of());
    }
  }

  private static StorageSource source(String kind, String name) {
    return new StorageSource(kind, name, null, List.of());
  }

  @ParameterizedTest
  @CsvSource({
    "file, true",
    "block, true",
    "rbd, true",
    "iscsi, true",
    "nbd, false",
    "volume, false",
    "none, false",
    "RBD, false"
  })
  void aVolumeIsServedIfItsKindIsRegistered(String kind, boolean served) {
    assertThat(ExampleKind.ALL.objection(new SourceIdentity(kind, "", "x")).isEmpty())
        .isEqualTo(served);
  }

  @Test
  void theLibraryItselfKnowsFilesAndDevices() {
    StorageKinds kinds = StorageKinds.ofTheLibrary();

    assertThat(kinds.objection(new SourceIdentity("file", "", "/x"))).isEmpty();
    assertThat(kinds.objection(new SourceIdentity("rbd", "c", "p/i")))
        .hasValueSatisfying(why -> assertThat(why).contains("\"rbd\"", "diskplug-ceph"));
    assertThat(kinds.objection(new SourceIdentity("iscsi", "", "iqn.x:y/1")))
        .hasValueSatisfying(why -> assertThat(why).contains("diskplug-iscsi"));
    assertThat(kinds.objection(new SourceIdentity("nbd", "", "x")))
        .hasValueSatisfying(
            why -> assertThat(why).contains("\"nbd\"", "Options.withStorageKinds", "[block, file"));
  }

  /** A volume of a pool is what the daemon says; no backend could be registered for the others. */
  @Test
  void aDiskThatAViewShowsIsOfTheKindThatItIsKnownToBe() {
    StorageKinds kinds = StorageKinds.ofTheLibrary();
    StorageSource pooled = source("volume", "pool/x");

    assertThat(kinds.objection(StorageSource.NONE)).isEmpty();
    assertThat(kinds.objection(pooled)).isEmpty();
    assertThat(kinds.objection(pooled.resolvedTo(source("file", "/x")))).isEmpty();
    assertThat(kinds.objection(pooled.resolvedTo(source("rbd", "p/x")))).isPresent();
    assertThat(kinds.objection(source("nbd", "x"))).isPresent();
  }

  @Test
  void whatIsGivenTakesThePlaceOfWhatWasThere() {
    StorageKind other = new Named("rbd", Set.of("rbd", "rbd-next"));

    StorageKinds kinds = StorageKinds.with(List.of(ExampleKind.RBD, other));

    assertThat(kinds.ofDriver("rbd")).containsSame(other);
    assertThat(kinds.ofDriver("rbd-next")).containsSame(other);
    assertThat(kinds.ofDriver("iscsi")).isEmpty();
    assertThat(kinds.ofDriver("host_device"))
        .hasValueSatisfying(kind -> assertThat(kind.name()).isEqualTo("block"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " "})
  void aKindHasAName(String name) {
    List<StorageKind> nameless = List.of(new Named(name, Set.of("x")));

    assertThatThrownBy(() -> StorageKinds.with(nameless))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(Named.class.getName());
  }

  @Test
  void aKindHasADriverThatNoOtherHas() {
    assertThatThrownBy(() -> StorageKinds.with(List.of(new Named("x", Set.of()))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("\"x\"");
    assertThatThrownBy(() -> StorageKinds.with(List.of(new Named("x", Set.of("host_device")))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("host_device");
  }

  /** A program error of a backend must not end a request in the middle of a change. */
  @Test
  void aKindThatFailsHasSaidNothing() {
    StorageKind failing =
        new Saying(
            () -> {
              throw new UnsupportedOperationException("broken");
            });
    StorageKinds kinds = StorageKinds.with(List.of(failing, ExampleKind.RBD));

    assertThat(kinds.condition("error connecting: Permission denied"))
        .contains(Condition.ACCESS_DENIED);
    assertThat(kinds.condition("anything else")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(StorageProbe.Reason.class)
  void eachMeaningIsACondition(StorageProbe.Reason meaning) {
    StorageKinds kinds = StorageKinds.with(List.of(new Saying(() -> Optional.of(meaning))));

    assertThat(kinds.condition("words"))
        .hasValueSatisfying(it -> assertThat(it).isNotEqualTo(Condition.OTHER));
  }

  private record Saying(Supplier<Optional<StorageProbe.Reason>> says) implements StorageKind {
    @Override
    public String name() {
      return "a-kind";
    }

    @Override
    public Set<String> drivers() {
      return Set.of("a-driver");
    }

    @Override
    public StorageSource opened(String driver, Map<String, String> options) {
      return StorageSource.NONE;
    }

    @Override
    public Optional<StorageProbe.Reason> meaning(String words) {
      return says.get();
    }
  }
}
