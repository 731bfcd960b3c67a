// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.coordination;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.diskplug.internal.engine.Backoff;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** The durations of an unplug agree with each other, and stand in one place. */
class UnplugPolicyTest {

  /** How often a request looks again, and for how long it lets others work. */
  private static final Set<String> LOOKS =
      Set.of(
          "LOOK_AGAIN",
          "LAST_LOOK",
          "LONGEST_PAUSE",
          "LONG_JOB",
          "LOOK_WHETHER_READABLE",
          "LOOK_WHETHER_HIDDEN");

  /** The pauses are drawn: the shortest that can be drawn counts. */
  @Property
  void noProcessAsksAgainTooEarly(@ForAll long seed) {
    Backoff detach =
        new Backoff(
            new Random(seed), UnplugPolicy.FIRST_REPETITION, UnplugPolicy.LONGEST_REPETITION);
    Backoff attach =
        new Backoff(
            new Random(seed),
            UnplugPolicy.FIRST_REPETITION_BEFORE_ATTACH,
            UnplugPolicy.LONGEST_REPETITION_BEFORE_ATTACH);

    for (int i = 0; i < 10; i++) {
      assertThat(detach.next()).isBetween(Duration.ofSeconds(30), UnplugPolicy.LONGEST_REPETITION);
      assertThat(attach.next())
          .isBetween(
              UnplugPolicy.LEAST_BEFORE_REPETITION, UnplugPolicy.LONGEST_REPETITION_BEFORE_ATTACH);
    }
  }

  /** Else the note of a request is taken for stale while the guest may still answer it. */
  @Test
  void aBusyGuestAnswersBeforeItsRequestCountsAsMissed() {
    Duration busiestGuest = Duration.ofSeconds(9);

    assertThat(UnplugPolicy.LEAST_BEFORE_REPETITION).isGreaterThan(busiestGuest);
    assertThat(UnplugPolicy.KEEPS_OTHER_UNPLUGS).isGreaterThan(busiestGuest);
    assertThat(UnplugPolicy.SLOT_AVOIDED).isGreaterThanOrEqualTo(UnplugPolicy.KEEPS_OTHER_UNPLUGS);
    assertThat(UnplugPolicy.REMEMBERED)
        .isGreaterThan(UnplugPolicy.KEEPS_OTHER_UNPLUGS.plus(UnplugPolicy.CLOCKS_DIFFER));
  }

  @Test
  void noOtherClassOfTheProtocolHasADuration() {
    Set<String> elsewhere =
        new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.diskplug.internal.coordination", "io.diskplug.internal.request")
                .stream()
                .flatMap(type -> type.getFields().stream())
                .filter(field -> field.getModifiers().contains(JavaModifier.STATIC))
                .filter(field -> field.getRawType().isEquivalentTo(Duration.class))
                .filter(field -> !field.getOwner().isEquivalentTo(UnplugPolicy.class))
                .filter(field -> !field.getOwner().getPackageName().matches(".*[.](repair|change)"))
                .filter(field -> !LOOKS.contains(field.getName()))
                .map(JavaField::getFullName)
                .collect(Collectors.toSet());

    assertThat(elsewhere).isEmpty();
  }
}
