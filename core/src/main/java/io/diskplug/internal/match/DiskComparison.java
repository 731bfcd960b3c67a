// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.match;

import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.outcome.Difference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** In what a disk that was read differs from one that was asked for. */
public final class DiskComparison {

  private static final String SERIAL = "serial";

  private final View view;
  private final Disk expected;
  private final Disk found;
  private final List<Difference> differences = new ArrayList<>();

  private DiskComparison(View view, Disk expected, Disk found) {
    this.view = view;
    this.expected = expected;
    this.found = found;
  }

  /**
   * What makes it another disk, or the same one used in another way, in each view that has it. A
   * serial that this library makes of the volume's id does not: it was attached with another choice
   * of the serial, or by an earlier version.
   */
  public static List<Difference> ofSubstance(
      Disk expected, Map<View, Disk> present, VolumeRef volume) {
    List<Difference> differences = new ArrayList<>();
    boolean takenOver = isTakenOver(present.values());
    present.forEach(
        (view, found) ->
            ofSubstance(view, expected, found).stream()
                .filter(difference -> !(takenOver && isMissingSerial(difference)))
                .filter(difference -> !(isSerial(difference) && volume.makes(found.serial())))
                .forEach(differences::add));
    return differences;
  }

  /** What this library attaches has a serial; one with its alias and without was taken over. */
  static boolean isTakenOver(Collection<Disk> disks) {
    return disks.stream().allMatch(disk -> disk.serial() == null)
        && disks.stream().anyMatch(Disk::hasOwnAlias);
  }

  private static boolean isMissingSerial(Difference difference) {
    return isSerial(difference) && difference.found().equals(Difference.ABSENT);
  }

  private static boolean isSerial(Difference difference) {
    return difference.field().equals(SERIAL);
  }

  /** What makes it another disk, or the same one used in another way. */
  public static List<Difference> ofSubstance(View view, Disk expected, Disk found) {
    return new DiskComparison(view, expected, found).substance().differences;
  }

  /** A serial that is missing, or is another one, where it does not make it another disk. */
  public static List<Difference> ofSerial(View view, Disk expected, Disk found) {
    return ofSubstance(view, expected, found).stream().filter(DiskComparison::isSerial).toList();
  }

  /** Where it sits and what it is called. */
  public static List<Difference> ofPlace(View view, Disk expected, Disk found) {
    return new DiskComparison(view, expected, found).place().differences;
  }

  /** Where it sits. */
  public static List<Difference> ofSeat(View view, Disk expected, Disk found) {
    return new DiskComparison(view, expected, found).seat().differences;
  }

  /** What can be changed while it stays the same disk. */
  public static List<Difference> ofTuning(View view, Disk expected, Disk found) {
    return new DiskComparison(view, expected, found).tuning().differences;
  }

  /** A conflict over how a volume is attached, in words. */
  public static String conflict(List<Difference> differences) {
    return "the volume is attached in another way than asked for: " + differences;
  }

  private DiskComparison substance() {
    compare("device", expected.device(), found.device());
    compare("bus", expected.bus(), found.bus());
    compare("source protocol", expected.source().kind(), found.source().kind());
    compare("source name", expected.source().canonicalName(), found.source().canonicalName());
    compare(
        "encryption",
        expected.source().encryption(),
        found.source().encryption(),
        NormalForm::encryption);
    compare(SERIAL, expected.serial(), found.serial(), NormalForm::serial);
    compare("readonly", expected.readOnly(), found.readOnly());
    compare("shareable", expected.shareable(), found.shareable());
    return this;
  }

  private DiskComparison place() {
    compare("alias", expected.alias(), found.alias());
    return seat();
  }

  private DiskComparison seat() {
    compare("target dev", expected.targetDev(), found.targetDev());
    if (expected.address() != null) { // left to libvirt otherwise
      compare("address", expected.address(), found.address());
    }
    return this;
  }

  private DiskComparison tuning() {
    // libvirt adds driver attributes that it derives itself: only what was asked for must be there.
    compareAll(
        "driver ",
        NormalForm.asked(expected.driver()),
        expected.driver(),
        found.driver(),
        NormalForm::driver);
    // A limit or a block size that was not asked for is a difference too.
    compareAll(
        "iotune ",
        NormalForm.limitsToCompare(expected.ioTune(), found.ioTune()),
        expected.ioTune(),
        found.ioTune(),
        NormalForm::ioTune);
    Set<String> sizes = new HashSet<>(expected.blockIo().keySet());
    sizes.addAll(found.blockIo().keySet());
    compareAll("blockio ", sizes, expected.blockIo(), found.blockIo(), NormalForm::blockIo);
    return this;
  }

  /** Compares normal forms, and reports the values as they are. */
  private void compareAll(
      String prefix,
      Set<String> fields,
      Map<String, String> expected,
      Map<String, String> found,
      UnaryOperator<Map<String, String>> normalForm) {
    Map<String, String> normalExpected = normalForm.apply(expected);
    Map<String, String> normalFound = normalForm.apply(found);
    fields.stream()
        .filter(field -> !Objects.equals(normalExpected.get(field), normalFound.get(field)))
        .sorted()
        .forEach(field -> compare(prefix + field, expected.get(field), found.get(field)));
  }

  private void compare(
      String field,
      @Nullable String expected,
      @Nullable String found,
      Function<@Nullable String, @Nullable String> normalForm) {
    if (!Objects.equals(normalForm.apply(expected), normalForm.apply(found))) {
      compare(field, expected, found);
    }
  }

  private void compare(String field, @Nullable Object expected, @Nullable Object found) {
    if (!Objects.equals(expected, found)) {
      differences.add(new Difference(view, field, text(expected), text(found)));
    }
  }

  private static String text(@Nullable Object value) {
    return value == null ? Difference.ABSENT : value.toString();
  }
}
