// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import com.ceph.rados.IoCTX;
import com.ceph.rados.Rados;
import com.ceph.rbd.Rbd;
import io.diskplug.lab.ChildJvm;
import io.diskplug.lab.Lab;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;

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
    Rados cluster = new Rados(args[1]);
    cluster.confSet("mon_host", args[0]);
    cluster.confSet("keyfile", args[2]);
    cluster.confSet("keyring", "/dev/null");
    cluster.connect();
    IoCTX io = cluster.ioCtxCreate(args[3]);
    new Rbd(io).open(args[4]);
    Thread.sleep(Duration.ofMinutes(2).toMillis());
  }
}
