// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Images that a connection keeps open for the next question: an open costs eleven round trips, one
 * after the other, and an attach asks about its volume twice. A question takes an image out and is
 * alone with it. Safe for use by several threads; nothing is closed under the lock.
 */
final class KeptImages {

  /** Each costs some hundred kilobytes. */
  private static final int MOST = 16;

  /** The least recently used first. Guarded by itself. */
  private final Map<RbdImage, OpenImage> images = new LinkedHashMap<>();

  /** An image that is open, if there is one; the caller keeps or closes it. */
  @Nullable OpenImage take(RbdImage image) {
    synchronized (images) {
      return images.remove(image);
    }
  }

  /** Keeps an image, and closes one that is one too many. May block. */
  void keep(RbdImage image, OpenImage open) {
    OpenImage tooMany = null;
    synchronized (images) {
      if (images.putIfAbsent(image, open) != null) {
        // Another question was about it meanwhile.
        tooMany = open;
      } else if (images.size() > MOST) {
        tooMany = images.remove(images.keySet().iterator().next());
      }
    }
    if (tooMany != null) {
      tooMany.close();
    }
  }

  /** Closes all. No question may be under way. */
  void closeAll() {
    List<OpenImage> all;
    synchronized (images) {
      all = new ArrayList<>(images.values());
      images.clear();
    }
    all.forEach(OpenImage::close);
  }
}
