// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A row of the table of faults.
 *
 * @param calls the calls that it is about
 * @param code the code of libvirt
 * @param text what the words of the message have to contain, or null if the code alone tells
 * @param quoting whether it counts what is quoted in the message, too
 * @param classification what it means
 */
record Row(
    Set<Call> calls,
    int code,
    @Nullable Pattern text,
    boolean quoting,
    Classification classification) {

  private static final Pattern QUOTED =
      Pattern.compile(
          "(?<![\\p{IsLatin}\\p{N}])(?<!QEMU command )('.*?'(?![\\p{IsLatin}\\p{N}]))|\"[^\"]*\"",
          Pattern.DOTALL);

  static final Set<Call> ANY = EnumSet.allOf(Call.class);

  static final Set<Call> CONTROLLER = EnumSet.of(Call.ATTACH_CONTROLLER);

  /** An update is checked as an attach is, and a controller as a disk is. */
  static final Set<Call> ATTACH = EnumSet.of(Call.ATTACH, Call.ATTACH_CONTROLLER, Call.UPDATE);

  static final Set<Call> DETACH = EnumSet.of(Call.DETACH);
  static final Set<Call> RESIZE = EnumSet.of(Call.RESIZE);
  static final Set<Call> TUNE = EnumSet.of(Call.SET_LIMITS, Call.READ_SIZE, Call.RESIZE);
  static final Set<Call> CHANGE =
      EnumSet.of(Call.ATTACH, Call.ATTACH_CONTROLLER, Call.UPDATE, Call.DETACH);
  static final Set<Call> DEFINE_SECRET = EnumSet.of(Call.DEFINE_SECRET);
  static final Set<Call> SECRET =
      EnumSet.of(Call.READ_SECRET, Call.DEFINE_SECRET, Call.SET_SECRET, Call.REMOVE_SECRET);

  /** What the code alone tells. */
  static Row row(Set<Call> calls, int code, Condition condition, Verdict verdict) {
    return new Row(calls, code, null, false, new Classification(condition, verdict));
  }

  /** What the code and the words of the message tell together. */
  static Row row(Set<Call> calls, int code, String text, Condition condition, Verdict verdict) {
    return new Row(
        calls, code, Pattern.compile(text), false, new Classification(condition, verdict));
  }

  /**
   * The same where a name of libvirt's or QEMU's own is one of the words: they are quoted as all
   * names are.
   */
  static Row quoting(Set<Call> calls, int code, String text, Condition condition, Verdict verdict) {
    return new Row(
        calls, code, Pattern.compile(text), true, new Classification(condition, verdict));
  }

  boolean fits(LibvirtFault fault, String words) {
    return code == fault.code()
        && calls.contains(fault.call())
        && (text == null || text.matcher(quoting ? fault.message() : words).find());
  }

  /**
   * The words of a message, with nothing between its quotation marks: names and values are there,
   * which can be words, too. An apostrophe in a word is no quotation mark. The name of a command of
   * QEMU's stays, for it tells who says the rest.
   */
  static String words(String message) {
    return QUOTED.matcher(message).replaceAll(quoted -> quoted.group(1) == null ? "\"\"" : "''");
  }
}
