// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.kind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.StorageSource;
import io.diskplug.sim.SimulatedHost;
import io.diskplug.spi.StorageKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kinds that a class path has, which a loader of their own stands for. */
class InstalledKindsTest {

  private static final SourceIdentity IMAGE = new SourceIdentity("rbd", "c", "p/i");
  private static final StorageKind OWN = new One();

  @TempDir private Path directory;

  /** Found by its name. */
  public static class One implements StorageKind {
    @Override
    public String name() {
      return "rbd";
    }

    @Override
    public Set<String> drivers() {
      return Set.of("rbd");
    }

    @Override
    public StorageSource opened(String driver, Map<String, String> options) {
      return new StorageSource("rbd", getClass().getSimpleName(), null, List.of());
    }
  }

  /** Another one of the same name. */
  public static final class Two extends One {}

  /** Cannot be made. */
  public static final class Broken extends One {
    public Broken() {
      throw new UnsupportedOperationException("librados is too old");
    }
  }

  private ClassLoader installed(String... classes) {
    Path services = directory.resolve("META-INF/services");
    try {
      Files.createDirectories(services);
      Files.writeString(
          services.resolve(StorageKind.class.getName()), String.join("\n", classes) + "\n");
      URL root = directory.toUri().toURL();
      return new URLClassLoader(new URL[] {root}, StorageKind.class.getClassLoader());
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ClassLoader installed(Class<?>... classes) {
    return installed(List.of(classes).stream().map(Class::getName).toArray(String[]::new));
  }

  private static String opened(StorageKinds kinds) {
    return kinds.ofDriver("rbd").orElseThrow().opened("rbd", Map.of()).name();
  }

  @Test
  void whatIsInstalledIsFound() {
    StorageKinds kinds = InstalledKinds.and(List.of(), installed(One.class));

    assertThat(opened(kinds)).isEqualTo("One");
    assertThat(kinds.objection(IMAGE)).isEmpty();
  }

  /** The loader of the context finds what its parent, that of the library, finds, too. */
  @Test
  void whatTwoLoadersFindIsOneKind() {
    ClassLoader loader = installed(One.class);
    ClassLoader child = new URLClassLoader(new URL[0], loader);

    assertThat(opened(InstalledKinds.and(List.of(), loader, null, child))).isEqualTo("One");
  }

  @Test
  void withoutAnyThereAreThoseOfTheLibrary() {
    assertThat(InstalledKinds.and(List.of()).objection(IMAGE)).isPresent();
    assertThat(InstalledKinds.and(List.of(OWN)).objection(IMAGE)).isEmpty();
  }

  @Test
  void ofTwoOfOneNameTheCallerHasToGiveTheOne() {
    ClassLoader both = installed(One.class, Two.class);

    assertThatThrownBy(() -> InstalledKinds.and(List.of(), both))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(One.class.getName())
        .hasMessageContaining(Two.class.getName());
    assertThat(opened(InstalledKinds.and(List.of(new Two()), both))).isEqualTo("Two");
  }

  @Test
  void oneThatCannotBeMadeIsNotLeftOut() {
    ClassLoader missing = installed("io.example.Missing");

    assertThatThrownBy(() -> InstalledKinds.and(List.of(OWN), missing))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("io.example.Missing");
  }

  /** What the thread's context class loader has is installed, and a broken one ends the connect. */
  @Test
  void connectingFailsWhereAKindCannotBeMade() {
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    Thread.currentThread().setContextClassLoader(installed(Broken.class));
    try {
      assertThatThrownBy(
              () -> DiskPlug.on(new SimulatedHost().connect("controller"), Options.defaults()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(Broken.class.getName())
          .hasRootCauseMessage("librados is too old");
      assertThatThrownBy(() -> DiskPlug.connect("qemu:///system"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(Broken.class.getName());
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }
}
