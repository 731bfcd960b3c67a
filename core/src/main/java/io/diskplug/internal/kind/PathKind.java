// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.kind;

import io.diskplug.domain.StorageSource;
import io.diskplug.spi.StorageKind;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Files and block devices of the host, which are named by their path.
 *
 * @param name libvirt's type of the disk
 * @param driver QEMU's block driver
 */
record PathKind(String name, String driver) implements StorageKind {

  static final List<StorageKind> ALL =
      List.of(new PathKind("file", "file"), new PathKind("block", "host_device"));

  @Override
  public Set<String> drivers() {
    return Set.of(driver);
  }

  @Override
  public StorageSource opened(String driver, Map<String, String> options) {
    String path = options.get("filename");
    if (path == null) {
      throw new IllegalArgumentException("a block node of QEMU has no \"filename\"");
    }
    return new StorageSource(name, path, null, List.of());
  }
}
