// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstanceFactoryContext;
import org.junit.jupiter.api.extension.TestInstancePreConstructCallback;

/** Brings up the lab of a class with {@link OwnLab}, and takes it down behind its last test. */
final class OwnLabExtension implements TestInstancePreConstructCallback {

  private static volatile @Nullable Lab lab;

  /** The lab of the class that runs, if it has one of its own. The build runs one class a JVM. */
  static @Nullable Lab current() {
    return lab;
  }

  @Override
  public void preConstructTestInstance(
      TestInstanceFactoryContext factoryContext, ExtensionContext context) {
    // Before the constructor, for a test class takes the lab into a field. Once for all instances.
    Object unused =
        context
            .getRoot()
            .getStore(ExtensionContext.Namespace.create(OwnLabExtension.class))
            .getOrComputeIfAbsent(OwnLab.class, key -> up(context.getRequiredTestClass()));
  }

  private static AutoCloseable up(Class<?> test) {
    // The annotation of a nested class is on the class around it.
    OwnLab wanted = Objects.requireNonNull(test.getNestHost().getAnnotation(OwnLab.class));
    Lab shared = Lab.shared();
    Lab own = shared.beside("own", wanted.storage());
    lab = own;
    return () -> {
      lab = null;
      try {
        keepLog(own, shared);
      } finally {
        String unused = own.run("down");
      }
    };
  }

  /** bin/test keeps the logs of the shared lab if a test has failed. */
  private static void keepLog(Lab own, Lab shared) {
    Path log = own.directory().resolve("log/libvirtd.log");
    Path copy =
        shared.directory().resolve("log/" + own.directory().getFileName() + "-libvirtd.log");
    try {
      Path unused = Files.copy(log, copy);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
