// SPDX-License-Identifier: Apache-2.0
package io.diskplug.local;

import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.VolumeRef;
import java.nio.file.Path;

/** What a path says of a volume. */
final class Paths {

  private Paths() {}

  static void check(Path path) {
    String text = path.toString();
    if (!path.isAbsolute()
        || !path.equals(path.normalize())
        || text.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not an absolute path without \".\", \"..\" and control characters");
    }
  }

  /**
   * A file and a block device at one path are one volume, with one alias: libvirt refuses the
   * second one, whichever of the two it is attached as.
   */
  static VolumeRef ref(String volumeId, Path path) {
    check(path);
    return new VolumeRef(volumeId, new SourceIdentity("file", "", path.toString()));
  }
}
