// SPDX-License-Identifier: Apache-2.0
package io.diskplug.plan;

import java.util.Optional;

/**
 * The XML of a domain, as {@code virDomainGetXMLDesc} gives it. Its {@code toString} shows nothing
 * of the XML, which may carry passwords.
 *
 * @param live the XML without flags of a domain that runs; empty while it is shut off
 * @param persistent the XML with {@code VIR_DOMAIN_XML_INACTIVE}; empty for a transient domain
 */
public record DomainXml(Optional<String> live, Optional<String> persistent) {

  /**
   * Checks that there is one at least.
   *
   * @throws IllegalArgumentException if both are empty
   */
  public DomainXml {
    if (live.isEmpty() && persistent.isEmpty()) {
      throw new IllegalArgumentException("a domain has a live XML, a persistent XML, or both");
    }
  }

  /**
   * A persistent domain that runs.
   *
   * @param live its XML without flags
   * @param persistent its XML with {@code VIR_DOMAIN_XML_INACTIVE}
   */
  public static DomainXml running(String live, String persistent) {
    return new DomainXml(Optional.of(live), Optional.of(persistent));
  }

  /**
   * A domain that is shut off.
   *
   * @param persistent its XML
   */
  public static DomainXml shutOff(String persistent) {
    return new DomainXml(Optional.empty(), Optional.of(persistent));
  }

  /**
   * A transient domain.
   *
   * @param live its XML
   */
  public static DomainXml ofTransient(String live) {
    return new DomainXml(Optional.of(live), Optional.empty());
  }

  @Override
  public String toString() {
    return "DomainXml[live " + said(live) + ", persistent " + said(persistent) + "]";
  }

  private static String said(Optional<String> xml) {
    return xml.map(text -> text.length() + " characters").orElse("absent");
  }
}
