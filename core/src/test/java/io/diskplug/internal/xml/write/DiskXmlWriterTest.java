// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.NamedNodeMap;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class DiskXmlWriterTest {

  /** Every field of the model has this text. */
  private static DiskXml disk(String text) {
    DiskXml disk = new DiskXml();
    disk.type = text;
    disk.device = text;
    disk.driver = new DriverXml();
    disk.driver.name = text;
    disk.driver.type = text;
    disk.driver.cache = text;
    disk.driver.io = text;
    disk.driver.discard = text;
    disk.driver.detectZeroes = text;
    disk.iotune = new IoTuneXml();
    disk.iotune.groupName = text;
    disk.source = source(text);
    disk.target = new TargetXml();
    disk.target.dev = text;
    disk.target.bus = text;
    disk.serial = text;
    disk.alias = new AliasXml();
    disk.alias.name = text;
    disk.address = address(text);
    return disk;
  }

  private static SourceXml source(String text) {
    SourceXml source = new SourceXml();
    source.protocol = text;
    source.name = text;
    source.file = text;
    source.dev = text;
    HostXml host = new HostXml();
    host.name = text;
    source.hosts.add(host);
    source.snapshot = new SnapshotXml();
    source.snapshot.name = text;
    source.config = new ConfigXml();
    source.config.file = text;
    source.auth = AuthXml.of(text, secret(text));
    source.encryption = new EncryptionXml();
    source.encryption.format = text;
    source.encryption.engine = text;
    source.encryption.secret = secret(text);
    source.initiator = new InitiatorXml();
    source.initiator.iqn = new IqnXml();
    source.initiator.iqn.name = text;
    return source;
  }

  private static SecretXml secret(String text) {
    SecretXml secret = new SecretXml();
    secret.type = text;
    secret.uuid = text;
    secret.usage = text;
    return secret;
  }

  private static AddressXml address(String text) {
    AddressXml address = new AddressXml();
    address.type = text;
    address.domain = text;
    address.bus = text;
    address.slot = text;
    address.function = text;
    address.controller = text;
    address.target = text;
    address.unit = text;
    address.cssid = text;
    address.ssid = text;
    address.devno = text;
    return address;
  }

  private static Element parse(String xml) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)))
        .getDocumentElement();
  }

  /** The values of all attributes and the texts of all leaves. */
  private static List<String> texts(Element element) {
    List<String> texts = new ArrayList<>();
    NamedNodeMap attributes = element.getAttributes();
    for (int i = 0; i < attributes.getLength(); i++) {
      texts.add(attributes.item(i).getNodeValue());
    }
    NodeList children = element.getChildNodes();
    for (int i = 0; i < children.getLength(); i++) {
      Node child = children.item(i);
      if (child instanceof Element inner) {
        texts.addAll(texts(inner));
      } else if (!(element.getFirstChild() instanceof Element)) {
        texts.add(child.getNodeValue());
      }
    }
    return texts;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<",
        ">",
        "&",
        "'",
        "\"",
        "&lt;",
        "]]>",
        "--",
        "<!-- x -->",
        "'/><disk a='",
        "a\nb",
        "é漢🖴",
        " x "
      })
  void everyTextIsReadBackAsItWasWritten(String text) throws Exception {
    assertThat(texts(parse(DiskXmlWriter.write(disk(text))))).hasSize(41).containsOnly(text);
  }

  @Test
  void whatIsNullIsNotWritten() {
    assertThat(DiskXmlWriter.write(new DiskXml())).isEqualTo("<disk/>");
    DiskXml disk = new DiskXml();
    disk.driver = new DriverXml();
    disk.source = new SourceXml();
    disk.target = new TargetXml();
    disk.iotune = new IoTuneXml();
    disk.readonly = FlagXml.when(false);
    disk.shareable = FlagXml.when(true);
    assertThat(DiskXmlWriter.write(disk))
        .isEqualTo("<disk><driver/><source/><target/><iotune/><shareable/></disk>");
  }

  @Test
  void elementsAndNumbersAreWrittenAsLibvirtNamesThem() {
    DiskXml disk = new DiskXml();
    disk.type = "network";
    disk.device = "disk";
    disk.driver = new DriverXml();
    disk.driver.name = "qemu";
    disk.driver.type = "raw";
    disk.source = new SourceXml();
    disk.source.protocol = "iscsi";
    disk.source.name = "iqn.2026-01.io.diskplug:a/1";
    for (int i = 0; i < 2; i++) {
      HostXml host = new HostXml();
      host.name = "host" + i;
      host.port = 3260 + i;
      disk.source.hosts.add(host);
    }
    SecretXml secret = new SecretXml();
    secret.type = "iscsi";
    secret.uuid = "f9f84d52-6ba1-4c3a-b2f4-2a4ec0b1e9ac";
    disk.source.auth = AuthXml.of("user", secret);
    disk.source.initiator = new InitiatorXml();
    disk.source.initiator.iqn = new IqnXml();
    disk.source.initiator.iqn.name = "iqn.2026-01.io.diskplug:me";
    disk.iotune = new IoTuneXml();
    disk.iotune.totalBytesSec = Long.MAX_VALUE;
    disk.iotune.readBytesSec = 2L;
    disk.iotune.writeBytesSec = 3L;
    disk.iotune.totalIopsSec = 4L;
    disk.iotune.readIopsSec = 5L;
    disk.iotune.writeIopsSec = 6L;
    disk.readonly = FlagXml.when(true);

    assertThat(DiskXmlWriter.write(disk))
        .isEqualTo(
            "<disk type=\"network\" device=\"disk\">"
                + "<driver name=\"qemu\" type=\"raw\"/>"
                + "<source protocol=\"iscsi\" name=\"iqn.2026-01.io.diskplug:a/1\">"
                + "<host name=\"host0\" port=\"3260\"/><host name=\"host1\" port=\"3261\"/>"
                + "<auth username=\"user\"><secret type=\"iscsi\""
                + " uuid=\"f9f84d52-6ba1-4c3a-b2f4-2a4ec0b1e9ac\"/></auth>"
                + "<initiator><iqn name=\"iqn.2026-01.io.diskplug:me\"/></initiator>"
                + "</source>"
                + "<iotune><total_bytes_sec>9223372036854775807</total_bytes_sec>"
                + "<read_bytes_sec>2</read_bytes_sec><write_bytes_sec>3</write_bytes_sec>"
                + "<total_iops_sec>4</total_iops_sec><read_iops_sec>5</read_iops_sec>"
                + "<write_iops_sec>6</write_iops_sec></iotune>"
                + "<readonly/>"
                + "</disk>");
  }

  @Test
  void manyThreadsWriteAtTheSameTime() throws Exception {
    int threads = 8;
    CyclicBarrier together = new CyclicBarrier(threads);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Callable<Boolean>> writers =
          IntStream.range(0, threads)
              .mapToObj(
                  number ->
                      (Callable<Boolean>)
                          () -> {
                            String expected = DiskXmlWriter.write(disk("writer-" + number));
                            together.await();
                            for (int i = 0; i < 200; i++) {
                              if (!DiskXmlWriter.write(disk("writer-" + number)).equals(expected)) {
                                return false;
                              }
                            }
                            return expected.contains("writer-" + number);
                          })
              .toList();

      for (Future<Boolean> written : pool.invokeAll(writers)) {
        assertThat(written.get()).isTrue();
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void aThreadWithoutAClassLoaderWrites() throws Exception {
    assertThat(writtenByFreshlyLoadedWriter(null))
        .isEqualTo("<disk><serial>a&amp;b</serial></disk>");
  }

  @Test
  void aThreadWhoseClassLoaderSeesNothingWritesAndKeepsIt() throws Exception {
    try (URLClassLoader blind = new URLClassLoader(new URL[0], null)) {
      assertThat(writtenByFreshlyLoadedWriter(blind))
          .isEqualTo("<disk><serial>a&amp;b</serial></disk>");
    }
  }

  /** In classes of their own, so that the context is made on this very thread. */
  private static String writtenByFreshlyLoadedWriter(ClassLoader context) throws Exception {
    ClassLoader fresh = new FreshLoader();
    Class<?> writer = fresh.loadClass(DiskXmlWriter.class.getName());
    Class<?> model = fresh.loadClass(DiskXml.class.getName());
    assertThat(writer).isNotEqualTo(DiskXmlWriter.class);
    Object disk = model.getConstructor().newInstance();
    model.getField("serial").set(disk, "a&b");
    FutureTask<String> task =
        new FutureTask<>(
            () -> {
              String written = (String) writer.getMethod("write", model).invoke(null, disk);
              assertThat(Thread.currentThread().getContextClassLoader()).isSameAs(context);
              return written;
            });
    Thread thread = new Thread(task, "writer");
    thread.setContextClassLoader(context);
    thread.start();
    return task.get();
  }

  /** Loads the classes of this package anew, and leaves all others to the usual loader. */
  private static final class FreshLoader extends ClassLoader {

    FreshLoader() {
      super(DiskXmlWriterTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith("io.diskplug.internal.xml.")) {
        return super.loadClass(name, resolve);
      }
      Class<?> known = findLoadedClass(name);
      return known != null ? known : define(name);
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
