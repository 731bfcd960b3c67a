// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

import io.diskplug.domain.View;
import io.diskplug.internal.model.DomainViews;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Domain XML in the resources. The {@code pc} and {@code q35} pairs were dumped from libvirt 9.0
 * with QEMU 7.2; the others are written by hand.
 */
public final class Fixtures {

  /** Every document that holds a domain. */
  public static final List<String> ALL =
      List.of(
          "pc-live",
          "pc-persistent",
          "q35-live",
          "q35-persistent",
          "test-driver",
          "sources",
          "devices",
          "virt-aarch64",
          "pseries",
          "s390x",
          "old-libvirt");

  private Fixtures() {}

  /** The document with this name. */
  public static String xml(String name) {
    try (InputStream in = Fixtures.class.getResourceAsStream("/domains/" + name + ".xml")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Both views of a domain that was dumped in both. */
  public static DomainViews views(String name) {
    return new DomainViews(
        DomainXmlReader.readDomain(xml(name + "-live"), View.LIVE),
        DomainXmlReader.readDomain(xml(name + "-persistent"), View.PERSISTENT));
  }

  /** The only view of a domain that is shown as running and transient. */
  public static DomainViews live(String name) {
    return new DomainViews(DomainXmlReader.readDomain(xml(name), View.LIVE), null);
  }
}
