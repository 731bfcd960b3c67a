// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A daemon that speaks another language: what is variable in a message stays, what is in quotes,
 * numbers, paths and names, and all other words are different. Such a message leads to no decision.
 */
class TranslatedTextTest {

  private static final Pattern VARIABLE =
      Pattern.compile("'[^']*'|\"[^\"]*\"|\\S*[0-9/_]\\S*|ua-\\S+|vd[a-z]+\\b|[():,.;]");

  private static final Pattern WORD = Pattern.compile("[A-Za-z][A-Za-z'\\-]*");

  private static final List<String> WORDS =
      List.of("läuft", "nicht", "für", "Gerät", "設定", "サポート", "невозможно", "уже", "périphérique");

  /** All that the tests of the table know, for each call that it may be about. */
  static Stream<Arguments> messages() {
    return Stream.of(
            FaultTableTest.whatTheStorageSaysOnAttach().map(of -> message(1, of.get()[0])),
            FaultTableTest.whatLibvirtAndTheDeviceModelSayOnAttach()
                .map(of -> message((int) of.get()[0], of.get()[1])),
            FaultTableTest.whatIsSaidOnDetach().map(of -> message((int) of.get()[0], of.get()[1])),
            FaultTableTest.whatIsSaidOfADiskThatIsAttached()
                .map(of -> message((int) of.get()[1], of.get()[2])),
            Stream.of(
                message(84, "Operation not supported: disk device 'cdrom' cannot be hotplugged"),
                message(55, "Requested operation is not valid: domain is not running"),
                message(55, "Requested operation is not valid: transient domains do not have any"),
                message(1, "internal error: End of file from qemu monitor"),
                message(38, "Unable to read from monitor: Connection reset by peer"),
                message(38, "Cannot recv data: Connection reset by peer"),
                message(1, "internal error: a secret with UUID 1 already defined for use with a")))
        .flatMap(stream -> stream)
        .filter(of -> FaultTable.MEANT_BY_TEXT.contains((int) of.get()[0]));
  }

  private static Arguments message(int code, Object text) {
    return Arguments.of(code, text);
  }

  @ParameterizedTest
  @MethodSource("messages")
  void aTranslatedMessageDecidesNothing(int code, String message) {
    for (int seed = 0; seed < 20; seed++) {
      String translated = translated(message, new Random(seed));
      for (Call call : Call.values()) {
        Classification meaning = FaultTable.classify(new LibvirtFault(call, code, 10, translated));

        assertThat(meaning)
            .describedAs("%s %s %s", call, code, translated)
            .isEqualTo(new Classification(Condition.OTHER, Verdict.UNKNOWN));
      }
    }
  }

  /** Also half of it: a name of ours in the place of a word of libvirt's. */
  @ParameterizedTest
  @MethodSource("messages")
  void aMessageOfQuotedNamesAloneDecidesNothing(int code, String message) {
    String quoted = "Ошибка: '" + message.replace('\'', ' ') + "' не удалось";

    for (Call call : Call.values()) {
      Verdict verdict = FaultTable.classify(new LibvirtFault(call, code, 10, quoted)).verdict();
      if (code == ErrorCode.XML_ERROR
          || code == ErrorCode.CONFIG_UNSUPPORTED
          || code == ErrorCode.INVALID_ARG) {
        assertThat(verdict).isNotEqualTo(Verdict.FATAL);
      }
    }
  }

  private static String translated(String message, Random random) {
    StringBuilder text = new StringBuilder();
    Matcher token = Pattern.compile(VARIABLE.pattern() + "|" + WORD.pattern()).matcher(message);
    while (token.find()) {
      String kept = token.group();
      boolean variable = VARIABLE.matcher(kept).matches() && !isConstantOfTheCode(kept);
      text.append(variable ? kept : WORDS.get(random.nextInt(WORDS.size()))).append(' ');
    }
    return text.toString();
  }

  /** A word of the sentence that only looks like a value. */
  private static boolean isConstantOfTheCode(String token) {
    return token.contains("/") && !token.contains("'") && !token.startsWith("/");
  }
}
