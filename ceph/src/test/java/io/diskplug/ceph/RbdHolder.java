// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import io.diskplug.lab.ChildJvm;
import io.diskplug.lab.Lab;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Another client, in a process of its own, that has an image of the lab open for writing. */
final class RbdHolder {

  private RbdHolder() {}

  /** Starts it, and returns when the cluster knows of it. */
  static ChildJvm.Running hold(Lab lab, RbdImage image) {
    int before = watchers(lab, image);
    ChildJvm.Running holder =
        ChildJvm.start(
            RbdHolder.class,
            lab.get("CEPH_MON_HOST") + ":" + lab.get("CEPH_MON_PORT"),
            lab.get("CEPH_USER"),
            Path.of(lab.get("CEPH_KEY_FILE")).toString(),
            image.pool(),
            image.name());
    Awaitility.await("another client has the image")
        .atMost(Duration.ofSeconds(30))
        .until(() -> watchers(lab, image) > before);
    return holder;
  }

  static int watchers(Lab lab, RbdImage image) {
    return lab.run("rbd", "status", image.path()).split("watcher=", -1).length - 1;
  }

  /** Opens the image and sleeps. Arguments: monitor, user, file with the key, pool, image. */
  public static void main(String[] args) throws Exception {
    CephLibraries.Librados rados = CephLibraries.RADOS;
    PointerByReference cluster = new PointerByReference();
    check(rados.rados_create(cluster, args[1]));
    check(rados.rados_conf_set(cluster.getValue(), "mon_host", args[0]));
    check(rados.rados_conf_set(cluster.getValue(), "keyfile", args[2]));
    check(rados.rados_conf_set(cluster.getValue(), "keyring", "/dev/null"));
    check(rados.rados_connect(cluster.getValue()));
    PointerByReference io = new PointerByReference();
    check(rados.rados_ioctx_create(cluster.getValue(), args[3], io));
    OpensForWriting rbd = Native.load("rbd", OpensForWriting.class);
    check(rbd.rbd_open(io.getValue(), args[4], new PointerByReference(), null));
    Thread.sleep(Duration.ofMinutes(2).toMillis());
  }

  private static void check(int code) {
    if (code < 0) {
      throw new IllegalStateException("Ceph returned " + code);
    }
  }

  /** What the probe must not call: it makes the client a watcher. */
  interface OpensForWriting extends Library {
    int rbd_open(Pointer io, String name, PointerByReference image, @Nullable String snapshot);
  }
}
