// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import io.diskplug.disk.HostPort;
import io.diskplug.domain.VolumeRef;
import io.diskplug.iscsi.ChapAuth;
import io.diskplug.iscsi.IscsiDisk;
import io.diskplug.iscsi.IscsiLun;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** An iSCSI LUN on the command line. */
final class IscsiOptions {

  private static final int PORTAL_PORT = 3260;

  @Option(
      names = "--target",
      paramLabel = "IQN",
      required = true,
      description = "the target's name")
  String target = "";

  @Option(names = "--lun", required = true, description = "the logical unit number")
  int lun;

  VolumeRef ref(String volumeId) {
    return IscsiDisk.ref(volumeId, lun());
  }

  private IscsiLun lun() {
    return new IscsiLun(target, lun);
  }

  IscsiDisk disk(String volumeId, Access access) {
    IscsiDisk disk = IscsiDisk.of(volumeId, lun(), HostPort.parse(access.portal, PORTAL_PORT));
    return access.login == null
        ? disk
        : disk.withAuth(new ChapAuth(access.login.user, access.login.secret));
  }

  /** How the target is reached: needed to attach, not to detach. */
  static final class Access {
    @Option(
        names = "--portal",
        paramLabel = "HOST[:PORT]",
        required = true,
        description = "where the target listens")
    String portal = "";

    @ArgGroup(exclusive = false)
    @Nullable Login login;
  }
}
