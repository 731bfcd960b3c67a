// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import java.util.List;
import java.util.regex.Matcher;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What is called as a word of a row changes no meaning: names are quoted in messages. */
class QuotedNamesProperties {

  private record Said(int code, String text) {}

  private static final List<Said> MESSAGES =
      TranslatedTextTest.messages()
          .map(of -> new Said((int) of.get()[0], (String) of.get()[1]))
          .toList();

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.oneOf(
        Arbitraries.of(
            "backup-1",
            "current",
            "job",
            "my job",
            "locked",
            "retry later",
            "already in active block job",
            "block job",
            "migration job",
            "pmsuspended",
            "domain is not running",
            "transient domain",
            "not supported",
            "unknown",
            "it is in use",
            "no target device",
            "No such file or directory: Permission denied",
            "error connecting: Permission denied",
            "does not support hotplugging",
            "No more available PCI slots",
            "Duplicate device ID",
            "bob's backup",
            "don't lock"),
        Arbitraries.strings().withCharRange('a', 'z').withChars(" -_/.:()").ofMaxLength(30));
  }

  @Provide
  Arbitrary<Said> messages() {
    return Arbitraries.of(MESSAGES);
  }

  @Provide
  Arbitrary<Character> quotes() {
    return Arbitraries.of('\'', '"');
  }

  private static Classification meaning(Call call, int code, String text) {
    return FaultTable.classify(new LibvirtFault(call, code, 10, text));
  }

  @Example
  void theLettersBesideAQuotationMarkMayBeOfAnotherScript() {
    assertThat(Row.words("ターゲット'pool/unknown-1'は、don't")).isEqualTo("ターゲット''は、don't");
  }

  /** A name that is told beside what is wrong. */
  @Property(tries = 3000)
  void aNameAtTheEndChangesNothing(
      @ForAll("messages") Said said,
      @ForAll("names") String name,
      @ForAll("quotes") char quote,
      @ForAll Call call) {
    String named = said.text() + " (disk " + quote + name + quote + ")";

    assertThat(meaning(call, said.code(), named))
        .as(named)
        .isEqualTo(meaning(call, said.code(), said.text()));
  }

  /** Each file, target and disk that a message names gets another name. */
  @Property(tries = 3000)
  void anotherNameChangesNothing(
      @ForAll("messages") Said said, @ForAll("names") String name, @ForAll Call call) {
    String named =
        said.text()
            .replaceAll(
                "(?<![\\w])'(?:/|vd|sd|ua-|pvc)[^']*'", Matcher.quoteReplacement("'" + name + "'"));

    assertThat(meaning(call, said.code(), named))
        .as(named)
        .isEqualTo(meaning(call, said.code(), said.text()));
  }

  @Property
  void aNameBeforeTheWordsOfAFinalFaultDoesNotMakeItPass(@ForAll("names") String name) {
    String text = "unsupported configuration: disk '" + name + "' must not be a cdrom";

    assertThat(meaning(Call.ATTACH, ErrorCode.CONFIG_UNSUPPORTED, text).verdict())
        .as(text)
        .isEqualTo(Verdict.FATAL);
  }

  @Example
  void anApostropheIsNoQuotationMark() {
    assertThat(Row.words("Bus doesn't have property 'acpi-pcihp-bsel' set"))
        .isEqualTo("Bus doesn't have property '' set");
    assertThat(Row.words("disk 'bob's backup' can't be \"re 'd\" here"))
        .isEqualTo("disk '' can't be \"\" here");
    assertThat(Row.words("node 'open")).isEqualTo("node 'open");
  }
}
