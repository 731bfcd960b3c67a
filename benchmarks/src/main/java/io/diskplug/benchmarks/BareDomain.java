// SPDX-License-Identifier: Apache-2.0
package io.diskplug.benchmarks;

import java.time.Duration;
import java.util.UUID;
import org.libvirt.Connect;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;

/**
 * What a program does that trusts libvirt's word: one call through libvirt-java, on a connection
 * and a domain that it keeps. What is opened before there is an event loop in the process is not
 * served by it, and costs as little as a call can.
 */
final class BareDomain implements AutoCloseable {

  /** {@code VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG}. */
  private static final int LIVE_AND_CONFIG = 3;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Connect connection;
  private final Domain domain;

  BareDomain(String uri, UUID uuid) throws LibvirtException {
    connection = new Connect(uri);
    domain = connection.domainLookupByUUID(uuid);
  }

  void attach(String xml) throws LibvirtException {
    domain.attachDeviceFlags(xml, LIVE_AND_CONFIG);
  }

  /**
   * Detaches, which waits for the guest for some seconds and then says that it is done; so looks
   * until the disk is gone.
   *
   * @return how often it looked
   */
  int detach(String xml, String alias) throws LibvirtException {
    domain.detachDeviceFlags(xml, LIVE_AND_CONFIG);
    long end = System.nanoTime() + PATIENCE.toNanos();
    int looks = 1;
    while (domain.getXMLDesc(0).contains(alias)) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException("the guest has not released the disk: " + alias);
      }
      LabGuest.pause();
      looks++;
    }
    return looks;
  }

  @Override
  public void close() throws LibvirtException {
    domain.free();
    connection.close();
  }
}
