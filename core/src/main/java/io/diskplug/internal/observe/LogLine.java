// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.observe;

import java.time.Duration;
import java.util.regex.Pattern;

/**
 * One line of a log: a word that says what happened, and {@code key=value} pairs. A value with
 * other characters than letters, digits and {@code . _ : / @ + , -} is in quotes, with backslash
 * escapes for quotes, backslashes and control characters, so that no value can begin a line.
 */
public final class LogLine {

  private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}._:/@+,-]+");

  private final StringBuilder text;

  private LogLine(String what) {
    this.text = new StringBuilder(what);
  }

  /**
   * A line without pairs.
   *
   * @param what what happened: one word
   */
  public static LogLine of(String what) {
    return new LogLine(what);
  }

  /** Appends a pair. */
  public LogLine with(String key, Object value) {
    String plain = value.toString();
    text.append(' ').append(key).append('=');
    if (PLAIN.matcher(plain).matches()) {
      text.append(plain);
    } else {
      quote(plain);
    }
    return this;
  }

  /** Appends how long it took, in whole milliseconds. */
  public LogLine took(Duration duration) {
    return with("took", duration.toMillis() + "ms");
  }

  private void quote(String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char next = value.charAt(i);
      if (next == '"' || next == '\\') {
        text.append('\\').append(next);
      } else if (next == '\n') {
        text.append("\\n");
      } else if (breaksLines(next)) {
        text.append(String.format("\\u%04x", (int) next));
      } else {
        text.append(next);
      }
    }
    text.append('"');
  }

  private static boolean breaksLines(char next) {
    return switch (Character.getType(next)) {
      case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
      default -> false;
    };
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
