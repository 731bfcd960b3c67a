// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.View;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.TargetDev;
import java.time.Duration;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Documents that are made to hurt. */
class HostileXmlTest {

  private static final int MEGABYTES = 4 * 1000 * 1000;
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @Test
  void aBillionLaughs() {
    StringBuilder xml =
        new StringBuilder("<?xml version='1.0'?><!DOCTYPE domain [<!ENTITY l0 'ha'>");
    for (int i = 1; i < 10; i++) {
      xml.append("<!ENTITY l").append(i).append(" '").append(("&l" + (i - 1) + ";").repeat(10));
      xml.append("'>");
    }
    xml.append("]><domain><name>&l9;</name></domain>");
    refused(xml.toString(), "a document type declaration is refused");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!DOCTYPE domain [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><domain>&x;</domain>",
        "<!DOCTYPE domain PUBLIC 'x' 'http://127.0.0.1:1/x.dtd'><domain/>",
        "<!DOCTYPE domain [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/'>%p;]><domain/>",
      })
  void externalEntities(String xml) {
    refused(xml, "a document type declaration is refused");
  }

  @Test
  void anEntityThatNobodyDeclared() {
    refused("<domain>&x;</domain>", "the XML is not well-formed here");
  }

  @Test
  void messagesNeverQuoteTheDocument() {
    String secret = "hunter2";
    for (String xml :
        new String[] {
          "<domain><graphics passwd='" + secret + "></domain>",
          "<domain><graphics passwd='" + secret + "<'/></domain>",
          "<domain><graphics passwd='&" + secret + ";'/></domain>",
          "<domain><uuid>" + secret + "</uuid></domain>",
          "<domain><x>" + secret + "&</x></domain>",
          "<domain><" + secret + "></domain>",
          "<domain><devices><rng><address type='pci' bus='"
              + secret
              + "'/></rng></devices></domain>",
          "<domain><devices><controller type='x' index='" + secret + "'/></devices></domain>",
          "<" + secret + "/>",
        }) {
      assertThatThrownBy(() -> DomainXmlReader.readDomain(xml, View.LIVE))
          .isInstanceOf(DomainXmlException.class)
          .hasNoCause()
          .message()
          .doesNotContain(secret);
    }
  }

  @Test
  void moreThanTheDaemonCanSend() {
    refused(
        domain("<title>" + "x".repeat(10 * 1024 * 1024) + "</title>", ""),
        "a document of more than 4 MiB");
  }

  @Test
  void nothingIsKeptOfADocument() {
    // Each of these documents has names of its own; the parser would keep them for the next one.
    for (int document = 0; document < 300; document++) {
      StringBuilder xml = new StringBuilder();
      for (int i = 0; i < 5000; i++) {
        xml.append("<x").append(document).append('y').append(i).append("/>");
      }
      assertThat(read(domain(xml.toString(), "")).disks()).isEmpty();
    }
    long start = System.nanoTime();
    for (int i = 0; i < 1000; i++) {
      assertThat(read(domain("<new" + i + "/>", "")).disks()).isEmpty();
    }
    // Half a minute with one table of names for all.
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void driveAddressesWithTheSameHashCode() {
    DomainView domain =
        read(
            devices(
                i ->
                    "<h><address type='drive' target='%d' unit='%d'/></h>"
                        .formatted(i, 1_000_000_000 - 31 * i)));
    assertThat(domain.devices()).hasSizeGreaterThan(50_000);
  }

  @Test
  void megabytesOfSourcesOfOneLayer() {
    String sources = "<source/>".repeat(MEGABYTES / 9);
    Disk disk =
        DomainXmlReader.readDisk(
            "<disk><target dev='vda'/><backingStore>" + sources + "</backingStore></disk>");
    assertThat(disk.backingChain()).isEmpty();
  }

  @Test
  void megabytesOfText() {
    String xml = domain("<description>" + "x '".repeat(MEGABYTES / 3) + "</description>", "");
    assertThat(read(xml).disks()).isEmpty();
  }

  @Test
  void megabytesOfReferences() {
    String xml = domain("<title>" + "&amp;".repeat(MEGABYTES / 5) + "</title>", "");
    assertThat(read(xml).disks()).isEmpty();
  }

  @Test
  void megabytesInOneAttribute() {
    String xml = domain("<title x='" + "&#65;".repeat(MEGABYTES / 5) + "'/>", "");
    assertThat(read(xml).disks()).isEmpty();
  }

  @Test
  void megabytesOfAName() {
    assertThat(read(domain("<" + "n".repeat(MEGABYTES) + "/>", "")).disks()).isEmpty();
  }

  @Test
  void megabytesOfDisks() {
    DomainView domain =
        read(
            devices(
                i ->
                    "<disk><source file='/i%d'/><target dev='%s' bus='virtio'/><alias name='ua-%d'/>"
                            .formatted(i, TargetDev.name("vd", i), i)
                        + "<address type='pci' bus='%d' slot='%d'/></disk>"
                            .formatted(i % 256, i % 32)));
    assertThat(domain.disks()).hasSizeGreaterThan(20_000);
    assertThat(domain.inUse().targetIndexes(DiskBus.VIRTIO).nextFree(0))
        .isEqualTo(domain.disks().size());
  }

  @Test
  void megabytesOfDisksWithOneTargetDev() {
    DomainView domain = read(devices(i -> "<disk><target dev='vda' bus='virtio'/></disk>"));
    assertThat(domain.inUse().targetIndexes(DiskBus.VIRTIO).nextFree(0)).isEqualTo(1);
  }

  @Test
  void megabytesOfDisksWithFarNumbers() {
    DomainView domain =
        read(
            devices(
                i ->
                    "<disk><target dev='sdzzzzz%s' bus='scsi'/>".formatted(TargetDev.name("", i))
                        + "<address type='drive' controller='%d' unit='%d'/></disk>"
                            .formatted(i, Integer.MAX_VALUE - i)));
    assertThat(domain.inUse().scsiUnits(3).contains(Integer.MAX_VALUE - 3)).isTrue();
  }

  @Test
  void megabytesOfControllers() {
    DomainView domain =
        read(devices(i -> "<controller type='pci' index='%d' model='x'/>".formatted(i % 256)));
    assertThat(domain.pci().busCount()).isEqualTo(256);
  }

  @Test
  void megabytesOfElementsInOneAnother() {
    refused("<domain>" + "<x>".repeat(MEGABYTES / 3), "elements are nested more than 512 deep");
  }

  @Test
  void megabytesOfLayers() {
    refused(
        "<domain><devices><disk>" + "<backingStore>".repeat(MEGABYTES / 14),
        "elements are nested more than 512 deep");
  }

  @Test
  void asManyLayersAsLibvirtFollows() {
    String layers = "<backingStore><source file='/x'/>".repeat(200) + "</backingStore>".repeat(200);
    Disk disk = DomainXmlReader.readDisk("<disk>" + layers + "<target dev='vda'/></disk>");
    assertThat(disk.backingChain()).hasSize(200);
  }

  @Test
  void asManyNamespacesAsAnApplicationMayNeed() {
    String elements =
        IntStream.range(0, 1000)
            .mapToObj(i -> "<x xmlns:a%06x='x'/>".formatted(i))
            .collect(Collectors.joining());
    assertThat(read(domain("<metadata>" + elements + "</metadata>", "")).disks()).isEmpty();
  }

  @Test
  void megabytesThatAreBrokenAtTheEnd() {
    String xml = devices(i -> "<disk><target dev='vda'/></disk>");
    refused(xml.substring(0, xml.length() - 1), "the XML is not well-formed here");
  }

  @Test
  void megabytesOfCommentsThatDoNotEnd() {
    refused("<domain><!-- " + "- ".repeat(MEGABYTES / 2), "the XML is not well-formed here");
  }

  @Test
  void megabytesInOneComment() {
    String xml = domain("<!--" + " >'x".repeat(MEGABYTES / 4) + "-->", "");
    assertThat(read(xml).disks()).isEmpty();
  }

  @Test
  void megabytesInOneCdataSection() {
    String xml = domain("<title><![CDATA[" + "x".repeat(MEGABYTES) + "]]></title>", "");
    assertThat(read(xml).disks()).isEmpty();
  }

  private static String devices(IntFunction<String> device) {
    StringBuilder devices = new StringBuilder();
    for (int i = 0; devices.length() < MEGABYTES; i++) {
      devices.append(device.apply(i)).append('\n');
    }
    return domain("", devices.toString());
  }

  private static String domain(String before, String devices) {
    return "<domain><name>n</name><uuid>6695eb01-f6a4-8304-79aa-97f2502e193f</uuid>"
        + "<os><type arch='x86_64' machine='q35'/></os>"
        + before
        + "<devices>"
        + devices
        + "</devices></domain>";
  }

  private static DomainView read(String xml) {
    return Assertions.assertTimeoutPreemptively(
        LIMIT, () -> DomainXmlReader.readDomain(xml, View.LIVE));
  }

  private static void refused(String xml, String problem) {
    Assertions.assertTimeoutPreemptively(
        LIMIT,
        () ->
            assertThatThrownBy(() -> DomainXmlReader.readDomain(xml, View.LIVE))
                .isInstanceOf(DomainXmlException.class)
                .hasMessageEndingWith(": " + problem));
  }
}
