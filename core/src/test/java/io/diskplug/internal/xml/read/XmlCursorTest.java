// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class XmlCursorTest {

  @Test
  void walksOverChildrenInOrder() {
    XmlCursor cursor = cursor("<r>text<a>1</a><!-- c --><b x='1'/><?p i?><c><d/></c></r>");
    assertThat(cursor.nextChild()).isTrue();
    assertThat(cursor.name()).isEqualTo("a");
    assertThat(cursor.text()).isEqualTo("1");
    assertThat(cursor.nextChild()).isTrue();
    assertThat(cursor.name()).isEqualTo("b");
    assertThat(cursor.attribute("x")).isEqualTo("1");
    assertThat(cursor.nextChild()).as("b has no children").isFalse();
    assertThat(cursor.nextChild()).isTrue();
    assertThat(cursor.name()).isEqualTo("c");
    assertThat(cursor.nextChild()).isTrue();
    assertThat(cursor.name()).isEqualTo("d");
    cursor.skip();
    assertThat(cursor.nextChild()).isFalse();
    assertThat(cursor.nextChild()).isFalse();
    cursor.end();
  }

  @Test
  void skipLeavesAnElementWithAllThatIsInIt() {
    XmlCursor cursor = cursor("<r><a><b><c/></b>x<b/></a><z/></r>");
    cursor.nextChild();
    cursor.skip();
    assertThat(cursor.nextChild()).isTrue();
    assertThat(cursor.name()).isEqualTo("z");
  }

  @Test
  void textLeavesOutTheTextOfChildren() {
    assertThat(text("<r>a<b>no<c>no</c></b>d<![CDATA[<&e]]>f</r>")).isEqualTo("ad<&ef");
  }

  @ParameterizedTest
  @CsvSource({
    "&lt;&gt;&amp;&quot;&apos;, <>&\"'",
    "&#65;&#x42;&#x1F600;, AB\uD83D\uDE00",
    "&#x0041;&#0065;, AA",
    "]]&gt;, ]]>",
    "a]b]]c, a]b]]c",
    "\u20AC\uD83D\uDE00\u00E4, \u20AC\uD83D\uDE00\u00E4",
  })
  void referencesInTextAndInAttributes(String written, String meant) {
    assertThat(text("<r>" + written.replace("'", "&#39;") + "</r>")).isEqualTo(meant);
    assertThat(cursor("<r a=\"" + written + "\"/>").attribute("a")).isEqualTo(meant);
  }

  @Test
  void lineEndsBecomeLineFeedsInText() {
    assertThat(text("<r>a\r\nb\rc\nd<![CDATA[\r\ne\rf]]>\r</r>")).isEqualTo("a\nb\nc\nd\ne\nf\n");
  }

  @Test
  void referencesToLineEndsAreKept() {
    assertThat(text("<r>&#13;&#10;</r>")).isEqualTo("\r\n");
    assertThat(cursor("<r a='&#13;&#10;&#9;'/>").attribute("a")).isEqualTo("\r\n\t");
  }

  @Test
  void whiteSpaceInAttributesBecomesBlanks() {
    assertThat(cursor("<r a='1\n2\t3\r\n4\r5'/>").attribute("a")).isEqualTo("1 2 3 4 5");
  }

  @Test
  void attributesByNameAndAll() {
    XmlCursor cursor = cursor("<r  one = '1'\n two=\"'2'\" three='&amp;'></r>");
    assertThat(cursor.attribute("one")).isEqualTo("1");
    assertThat(cursor.attribute("two")).isEqualTo("'2'");
    assertThat(cursor.attribute("three")).isEqualTo("&");
    assertThat(cursor.attribute("on")).isNull();
    assertThat(cursor.attribute("ones")).isNull();
    assertThat(cursor.attribute("tow")).isNull();
    assertThat(cursor.attributes()).isEqualTo(Map.of("one", "1", "two", "'2'", "three", "&"));
  }

  @Test
  void attributesAreThoseOfTheElementEnteredLast() {
    XmlCursor cursor = cursor("<r a='1'><b c='2'/></r>");
    cursor.nextChild();
    assertThat(cursor.attribute("a")).isNull();
    assertThat(cursor.attributes()).containsExactly(Map.entry("c", "2"));
  }

  @Test
  void manyAttributesAndLevels() {
    StringBuilder xml = new StringBuilder("<r");
    for (int i = 0; i < 256; i++) {
      xml.append(" a").append(i).append("='v").append(i).append("'");
    }
    XmlCursor cursor = cursor(xml + "/>");
    assertThat(cursor.attributes()).hasSize(256).containsEntry("a255", "v255");
    assertThat(cursor.attribute("a13")).isEqualTo("v13");
  }

  @Test
  void refusesTooManyLevels() {
    assertThatCode(() -> check(nested(512))).doesNotThrowAnyException();
    assertThatThrownBy(() -> check(nested(513)))
        .isInstanceOf(DomainXmlException.class)
        .hasMessageContaining("nested more than 512 deep");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<r/>",
        "<r></r>",
        "<r ></r >",
        "<r\n/>",
        "<?xml version='1.0'?><r/>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\" ?>\n<r/>\n",
        "<?xml  version = '1.0' standalone='yes'?><r/>",
        "<?xmlversion '1.0'?><?xmlx?><r/>",
        "<!-- a --><?pi?><r/><!-- b --><?pi data?> ",
        " \n<r/>",
        "<r><?xml-stylesheet a?><!----><!-- - --></r>",
        "<r><?p ?><?p?></r>",
        "<r><![CDATA[]]><![CDATA[]]]]></r>",
        "<_a.b-c·d\u00E9\u0301/>",
        "<r>]] ]> ></r>",
        "<r a='>]]>'/>",
        "<r xmlns:x='1' xmlns:y='2' x:a='' y:a=''><x:b/></r>",
      })
  void acceptsWellFormedDocuments(String xml) {
    assertThatCode(() -> check(xml)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "text",
        "<",
        "<r",
        "<r ",
        "<r/",
        "<r>",
        "<r><",
        "<r></",
        "<r></r",
        "<r></r ",
        "<r></x>",
        "<r></rr>",
        "<rr></r>",
        "<r></ r>",
        "<r></r x>",
        "<r></r/>",
        "<r><a></r></a>",
        "< r/>",
        "<1/>",
        "<-/>",
        "<r/><r/>",
        "<r/>text",
        "<r/></r>",
        "<r/>&amp;",
        "\uFEFF<r/>",
        "<r a/>",
        "<r a=/>",
        "<r a=b/>",
        "<r a='b/>",
        "<r a='b",
        "<r a='",
        "<r a=",
        "<r a='<'/>",
        "<r a='&'/>",
        "<r a='b'c='d'/>",
        "<r x:a=''/>",
        "<x:r/>",
        "<r xmlns:x='1' xmlns:y='1' x:a='' y:a=''/>",
        "<r a='b' a='c'/>",
        "<r / >",
        "<r 'b'/>",
        "<r>]]></r>",
        "<r><![CDATA[</r>",
        "<r><![CDATA]]></r>",
        "<r><![CDATA[\u0001]]></r>",
        "<![CDATA[]]><r/>",
        "<r/><![CDATA[]]>",
        "<r>\u0001</r>",
        "<r>\u0000</r>",
        "<r a='\u0001'/>",
        "<r>\uFFFE</r>",
        "<r>\uD800</r>",
        "<r>\uDC00</r>",
        "<r>\uDC00\uD800</r>",
        "<r>\uD800",
        "<\uD800/>",
        "<r>&</r>",
        "<r>&;</r>",
        "<r>&nbsp;</r>",
        "<r>&am;</r>",
        "<r>&amp</r>",
        "<r>&ampx;</r>",
        "<r>& amp;</r>",
        "<r>&#;</r>",
        "<r>&#x;</r>",
        "<r>&#xg;</r>",
        "<r>&#1a;</r>",
        "<r>&#65</r>",
        "<r>&#-1;</r>",
        "<r>&#X41;</r>",
        "<r>&#0;</r>",
        "<r>&#1;</r>",
        "<r>&#xD800;</r>",
        "<r>&#xFFFF;</r>",
        "<r>&#x110000;</r>",
        "<r>&#4294967361;</r>",
        "<r>&#99999999999999999999;</r>",
        "<r>&#\u0661;</r>",
        "<r a='&#0;'/>",
        "<r a='&amp'/>",
        "<r><!- a --></r>",
        "<r><!-- a -- b --></r>",
        "<r><!-- a --->",
        "<r><!-- a --></r",
        "<r><!-- \u0001 --></r>",
        "<r><!-- a -></r>",
        "<r><!X></r>",
        "<r><?p",
        "<r><?p a></r>",
        "<r><??></r>",
        "<r><? p?></r>",
        "<r><?p\u0001?></r>",
        "<r><?p \u0001?></r>",
        "<r><?p+?></r>",
        "<r><?xml version='1.0'?></r>",
        "<r><?XmL a?></r>",
        " <?xml version='1.0'?><r/>",
        "<?xml?><r/>",
        "<?xml",
        "<?xml ?><r/>",
        "<?xml encoding='UTF-8'?><r/>",
        "<?xml version='2.0'?><r/>",
        "<?xml version=1.0?><r/>",
        "<?xml version '1.0'?><r/>",
        "<?xml version='1.0'encoding='UTF-8'?><r/>",
        "<?xml version='1.0' encoding=''?><r/>",
        "<?xml version='1.0' encoding='UTF-8'standalone='no'?><r/>",
        "<?xml version='1.0' standalone='maybe'?><r/>",
        "<?xml version='1.0' standalone='no' encoding='UTF-8'?><r/>",
        "<?xml version='1.0'",
        "<?xml version='1.0'?",
        "<?xml version='1.0'><r/>",
      })
  void refusesWhatIsNotWellFormed(String xml) {
    assertThatThrownBy(() -> check(xml)).isInstanceOf(DomainXmlException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!DOCTYPE r><r/>",
        "<!DOCTYPE r SYSTEM 'http://example.invalid/r.dtd'><r/>",
        "<?xml version='1.0'?><!DOCTYPE r [<!ENTITY e 'x'>]><r>&e;</r>",
        "<!-- x --><!DOCTYPE r [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><r>&e;</r>",
      })
  void refusesDocumentTypeDeclarations(String xml) {
    assertThatThrownBy(() -> check(xml))
        .isInstanceOf(DomainXmlException.class)
        .hasMessageEndingWith("a document type declaration is refused");
  }

  @Test
  void errorsNameTheirPlace() {
    assertThatThrownBy(() -> check("<r>\n <a>\n  <b></c>\n</a></r>"))
        .isInstanceOfSatisfying(
            DomainXmlException.class,
            e -> {
              assertThat(e.line()).isEqualTo(3);
              assertThat(e.column()).isEqualTo(6);
            });
    // What is not ASCII takes another way through the parser.
    assertThatThrownBy(() -> check("<r>\u00fc\n <a>\n  <b></c>\n</a></r>"))
        .hasMessage("line 3, column 6: the XML is not well-formed here");
    assertThatThrownBy(() -> check("<r>\n"))
        .hasMessage("line 2, column 1: the XML is not well-formed here");
    assertThatThrownBy(() -> cursor("<r>\n <a/>\n<b/></r>\n<c/>").end())
        .hasMessageStartingWith("line 4, ");
    XmlCursor cursor = cursor("<r>\n <a/></r>");
    cursor.nextChild();
    assertThat(cursor.error("oops")).hasMessage("line 2, column 2: oops");
  }

  @Test
  void refusesABrokenReferenceAtTheLatestWhenTheTextIsAskedFor() {
    assertThatThrownBy(() -> text("<r>a&x;b</r>")).isInstanceOf(DomainXmlException.class);
    assertThatThrownBy(() -> text("<r>" + "a".repeat(10_000) + "&#0;</r>"))
        .isInstanceOf(DomainXmlException.class);
  }

  @Test
  void refusesAnotherRoot() {
    assertThatThrownBy(() -> new XmlCursor("\n<x/>").root("r"))
        .hasMessage("line 2, column 1: the root element is not <r>");
  }

  @Test
  void cutsOutWhatItHasPassed() {
    XmlCursor cursor = cursor("<r> <a b='&amp;'><!-- c --></a > </r>");
    cursor.nextChild();
    int start = cursor.elementStart();
    cursor.skip();
    assertThat(cursor.verbatim(start, cursor.position())).isEqualTo("<a b='&amp;'><!-- c --></a >");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<r><t>plain</t> <a b='c'/></r>",
        "<r><t>\u00fc \u20ac \ud83d\udcbe</t> <a b='c'/></r>",
        "<?xml version='1.0' encoding='UTF-16'?><r><t/> <a b='c'/></r>",
        "<?xml version='1.0' encoding='ISO-8859-1'?><r><t>\u00fc</t> <a b='c'/></r>",
      })
  void placesAreThoseOfCharacters(String xml) {
    XmlCursor cursor = cursor(xml);
    cursor.nextChild();
    cursor.skip();
    cursor.nextChild();
    int start = cursor.elementStart();
    cursor.skip();
    assertThat(cursor.verbatim(start, cursor.position())).isEqualTo("<a b='c'/>");
  }

  @Test
  void refusesHalfOfACharacter() {
    assertThatThrownBy(() -> text("<r>\ud83d</r>")).isInstanceOf(DomainXmlException.class);
    assertThatThrownBy(() -> text("<r>\udcbe\ud83d</r>")).isInstanceOf(DomainXmlException.class);
  }

  /** Walks over a document whose root may have any name. */
  static void check(String xml) {
    String root = xml.replaceFirst("(?s)^(?:\\s|<[?!].*?>)*<([^\\s/>]*).*", "$1");
    XmlCursor cursor = new XmlCursor(xml);
    cursor.root(root.isEmpty() ? "r" : root);
    cursor.skip();
    cursor.end();
  }

  private static XmlCursor cursor(String xml) {
    XmlCursor cursor = new XmlCursor(xml);
    cursor.root("r");
    return cursor;
  }

  private static String text(String xml) {
    XmlCursor cursor = cursor(xml);
    String text = cursor.text();
    cursor.end();
    return text;
  }

  private static String nested(int levels) {
    return "<r>".repeat(levels) + "</r>".repeat(levels);
  }
}
