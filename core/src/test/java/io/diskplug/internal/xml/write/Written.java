// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import io.diskplug.disk.BlockSizes;
import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.Driver;
import io.diskplug.disk.HostPort;
import io.diskplug.disk.IoTune;
import io.diskplug.disk.SecretRef;
import io.diskplug.disk.SourceSpec;
import io.diskplug.spi.DiskSource;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What becomes of the parts of a disk. */
public final class Written {

  private static final SourceSpec IMAGE = SourceSpec.network("rbd", "pool/image");

  private Written() {}

  public static DiskXml disk(DiskSource disk) {
    return DiskElement.of(disk.options(), disk.source());
  }

  public static String text(DiskSource disk) {
    return DiskXmlWriter.write(disk(disk));
  }

  public static DiskXml options(DiskOptions options) {
    return OptionElements.disk(options);
  }

  public static @Nullable IoTuneXml ioTune(IoTune tune) {
    return options(DiskOptions.DEFAULTS.withIoTune(tune)).iotune;
  }

  public static DriverXml driver(Driver driver) {
    return Objects.requireNonNull(options(DiskOptions.DEFAULTS.withDriver(driver)).driver);
  }

  public static BlockIoXml blockSizes(BlockSizes sizes) {
    return Objects.requireNonNull(options(DiskOptions.DEFAULTS.withBlockSizes(sizes)).blockio);
  }

  public static HostXml host(HostPort host) {
    return SourceElements.source(IMAGE.withHosts(List.of(host))).hosts.get(0);
  }

  public static SecretXml secret(SecretRef secret, String type) {
    SourceXml source = SourceElements.source(IMAGE.withUser("user", type, secret));
    return Objects.requireNonNull(Objects.requireNonNull(source.auth).secret);
  }
}
