// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Documents that were valid domain XML before somebody tampered with them. */
final class MutatedDocuments {

  /** Appears in every document where a password would. */
  static final String SECRET = "hunter22";

  private static final List<String> ORIGINALS = originals();

  private static final List<String> SNIPPETS =
      List.of(
          "<",
          ">",
          "/",
          "/>",
          "</",
          "'",
          "\"",
          "=",
          "&",
          ";",
          " ",
          "\n",
          "\r",
          "\t",
          "\0",
          "\u0001",
          "]]>",
          "<![CDATA[",
          "<!--",
          "-->",
          "--",
          "<?",
          "?>",
          "<?xml ",
          "<!DOCTYPE domain [",
          "<!ENTITY x 'y'>",
          "&amp;",
          "&x;",
          "&#65;",
          "&#0;",
          "&#xD800;",
          "&#x1F600;",
          "\uD800",
          "\uDC00",
          "\uFFFE",
          "\u00E4",
          "-1",
          "256",
          "0x",
          "0x1g",
          "99999999999",
          "4294967296",
          " bus='300'",
          " slot='32'",
          " type='pci'",
          " type='drive'",
          "<disk>",
          "</disk>",
          "<devices>",
          "</devices>",
          "</domain>",
          "<target dev='vda'/>",
          "<address type='pci'/>",
          "<backingStore>",
          "</backingStore>",
          "<source/>",
          "<mirror/>");

  private MutatedDocuments() {}

  /** Documents with one to six changes. */
  static Arbitrary<String> documents() {
    Arbitrary<Change> changes =
        Combinators.combine(
                Arbitraries.of(Kind.values()),
                Arbitraries.integers().between(0, 1 << 20),
                Arbitraries.integers().between(0, 200),
                Arbitraries.of(SNIPPETS))
            .as(Change::new);
    return Combinators.combine(Arbitraries.of(ORIGINALS), changes.list().ofMinSize(1).ofMaxSize(6))
        .as(MutatedDocuments::apply);
  }

  private static String apply(String original, List<Change> changes) {
    String document = original;
    for (Change change : changes) {
      document = change.apply(document);
    }
    return document;
  }

  /** The small parts of the fixtures, so that a hundred thousand are read in seconds. */
  private static List<String> originals() {
    List<String> originals = new ArrayList<>();
    String domain =
        DomainXml.pc()
            .pci(1, "pci-bridge")
            .scsi(0, "virtio-scsi")
            .disk("vda", "virtio", "ua-1", DomainXml.pciAddress(1, 3))
            .disk("sda", "scsi", "", DomainXml.driveAddress(0, 0, 1))
            .other("interface", "net0", DomainXml.pciAddress(0, 4))
            .device("<graphics type='vnc' passwd='" + SECRET + "'/>")
            .xml();
    originals.add(domain);
    for (String name : List.of("sources", "devices", "s390x", "test-driver", "old-libvirt")) {
      String document = Fixtures.xml(name).replace("</name>", SECRET + "</name>");
      originals.add(
          document.substring(document.indexOf(name.equals("devices") ? "<!--" : "<domain")));
    }
    return originals;
  }

  private enum Kind {
    INSERT,
    REPLACE,
    DELETE,
    DUPLICATE,
    MOVE,
    TRUNCATE
  }

  private record Change(Kind kind, int at, int length, String snippet) {

    String apply(String document) {
      int from = at % (document.length() + 1);
      int to = Math.min(from + length, document.length());
      String before = document.substring(0, from);
      String part = document.substring(from, to);
      String after = document.substring(to);
      return switch (kind) {
        case INSERT -> before + snippet + part + after;
        case REPLACE -> before + snippet + after;
        case DELETE -> before + after;
        case DUPLICATE -> before + part + part + after;
        case MOVE -> before + after + part;
        case TRUNCATE -> length < 20 ? before : before + after;
      };
    }
  }
}
