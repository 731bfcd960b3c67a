// SPDX-License-Identifier: Apache-2.0
package io.diskplug.arch;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Counts what is to become less: types that users see, classes that use each other in a circle, and
 * words that name nothing. A change that makes one less lowers its number here.
 */
class HouseTest {

  private static final int PUBLIC_TYPES = 110;
  private static final int CLASSES_IN_CIRCLES = 26;

  private static final List<JavaClass> CLASSES =
      new ClassFileImporter()
              .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
              .importPackages("io.diskplug")
              .stream()
              .filter(type -> !type.isAnonymousClass())
              .toList();

  @Test
  void usersSeeNoMoreTypes() {
    Set<String> seen =
        CLASSES.stream()
            .filter(type -> !type.getPackageName().startsWith("io.diskplug.internal"))
            .filter(HouseTest::isSeen)
            .map(JavaClass::getName)
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(seen).hasSizeLessThanOrEqualTo(PUBLIC_TYPES);
  }

  private static boolean isSeen(JavaClass type) {
    return type.getModifiers().contains(JavaModifier.PUBLIC)
        && type.getEnclosingClass().map(HouseTest::isSeen).orElse(true);
  }

  /** A circle of classes of one package can only be understood, and changed, as a whole. */
  @Test
  void noMoreClassesOfAPackageUseEachOtherInACircle() {
    Map<String, Set<String>> uses = new TreeMap<>();
    for (JavaClass type : CLASSES) {
      Set<String> used = uses.computeIfAbsent(outermost(type).getName(), name -> new TreeSet<>());
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        JavaClass target = outermost(dependency.getTargetClass().getBaseComponentType());
        if (target.getPackageName().equals(type.getPackageName())) {
          used.add(target.getName());
        }
      }
    }
    Set<String> inCircles = new TreeSet<>();
    uses.forEach(
        (type, used) -> {
          for (String other : used) {
            if (!other.equals(type) && reaches(other, type, uses, new HashSet<>())) {
              inCircles.add(type);
            }
          }
        });

    assertThat(inCircles).hasSizeLessThanOrEqualTo(CLASSES_IN_CIRCLES);
  }

  private static boolean reaches(
      String from, String to, Map<String, Set<String>> uses, Set<String> visited) {
    return from.equals(to)
        || (visited.add(from)
            && uses.getOrDefault(from, Set.of()).stream()
                .anyMatch(next -> reaches(next, to, uses, visited)));
  }

  private static JavaClass outermost(JavaClass type) {
    return type.getEnclosingClass().map(HouseTest::outermost).orElse(type);
  }

  /** In the sources of this library and in its documents; tests are not counted. */
  @ParameterizedTest
  @CsvSource({
    "nobody, 5",
    "whoever, 0",
    "somebody, 2",
    "anybody, 0",
    "a moment, 5",
    "of its own, 41",
  })
  void wordsThatNameNothingAreNoMore(String word, int most) throws IOException {
    Pattern pattern = Pattern.compile("(?i)\\b" + word.replace(" ", "\\s+(?:\\*\\s+)?") + "\\b");
    int found = 0;
    for (Path file : texts()) {
      String text = Files.readString(file, StandardCharsets.UTF_8);
      found += (int) pattern.matcher(text).results().count();
    }
    assertThat(found).as("'%s'", word).isLessThanOrEqualTo(most);
  }

  private static List<Path> texts() throws IOException {
    Path project = Path.of("").toAbsolutePath().getParent();
    List<Path> texts = new ArrayList<>();
    for (String folder : List.of("core/src/main", "ceph/src/main", "iscsi/src/main", "docs")) {
      try (Stream<Path> files = Files.walk(project.resolve(folder))) {
        files.filter(file -> file.toString().matches(".*\\.(java|md)")).forEach(texts::add);
      }
    }
    texts.add(project.resolve("README.md"));
    return texts;
  }
}
