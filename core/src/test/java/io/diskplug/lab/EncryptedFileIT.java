// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.domain.Disk;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Rejected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file with LUKS that another tool has attached. */
class EncryptedFileIT {

  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final long INSIDE = 8 << 20;

  private final Lab lab = Lab.current();

  /** A LUKS image; its passphrase is {@code secret}, in a libvirt secret with this UUID. */
  private Path luks(String id, UUID secret) throws IOException {
    Path made = Files.createTempFile("luks", ".img");
    List<String> create =
        List.of(
            "qemu-img",
            "create",
            "-q",
            "--object",
            "secret,id=s,data=secret",
            "-f",
            "luks",
            "-o",
            "key-secret=s,iter-time=10",
            made.toString(),
            Long.toString(INSIDE));
    // QEMU measures the processor time of its key derivation, and gives up where none has passed by
    // the kernel's clock: on some machines in one of six cases.
    Awaitility.await("qemu-img")
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(Lab.Result.of(create, 30).exitCode()).isZero());
    Path image = lab.file(id, 0);
    try {
      Files.write(image, Files.readAllBytes(made));
      Path definition = Files.createTempFile("secret", ".xml");
      Files.writeString(
          definition,
          "<secret private='yes'><uuid>%s</uuid><usage type='volume'><volume>%s</volume></usage></secret>"
              .formatted(secret, image));
      lab.virsh("secret-define", definition.toString());
      Files.writeString(definition, "secret");
      lab.virsh("secret-set-value", secret.toString(), "--file", definition.toString(), "--plain");
      Files.delete(definition);
    } finally {
      Files.delete(made);
    }
    return image;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void isNotGrownWhereverItsEncryptionStands(boolean inSource) throws Exception {
    String id = Lab.volumeId();
    UUID secret = UUID.randomUUID();
    Path file = luks(id, secret);
    long whole = Files.size(file);
    VolumeRef volume = new VolumeRef(id, new SourceIdentity("file", "", file.toString()));
    String encryption =
        "<encryption format='luks'><secret type='passphrase' uuid='%s'/></encryption>"
            .formatted(secret);
    try (Guest guest = Guest.boot(lab, "pc");
        DiskPlug plug = DiskPlug.connect(lab.uri())) {
      guest.deviceOk(
          "attach-device",
          "<disk type='file'><driver name='qemu' type='raw'/><source file='%s'>%s</source>%s"
                  .formatted(file, inSource ? encryption : "", inSource ? "" : encryption)
              + "<target dev='vdb' bus='virtio'/><serial>%s</serial></disk>".formatted(id),
          "--live",
          "--config");
      guest.awaitDisk(id);
      for (View view : View.values()) {
        String element = guest.diskElement(view, id);
        Disk disk = DomainXmlReader.readDisk(element);
        assertThat(disk.source().encryption()).as(element).isEqualTo(lab.generation().luks());
      }
      // libvirt takes the size of the image, which is larger than the disk in it.
      assertThat(plug.grow(guest.ref(), volume, INSIDE + (1 << 20), DEADLINE))
          .isInstanceOfSatisfying(
              Rejected.class,
              rejected -> {
                assertThat(rejected.reason()).isEqualTo(Rejected.Reason.BAD_REQUEST);
                assertThat(rejected.explanation()).contains("vdb", "encrypted");
              });
      assertThat(Files.size(file)).isEqualTo(whole);
      assertThat(guest.awaitDisk(id).size()).isEqualTo(INSIDE);
      assertThat(plug.inspect(guest.ref(), DEADLINE))
          .isInstanceOfSatisfying(
              Inspected.class,
              inspected -> assertThat(inspected.disks().get(0).differences()).isEmpty());
    } finally {
      lab.virsh("secret-undefine", secret.toString());
    }
  }
}
