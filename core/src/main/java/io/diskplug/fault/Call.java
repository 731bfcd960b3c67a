// SPDX-License-Identifier: Apache-2.0
package io.diskplug.fault;

/** The libvirt calls that can fail, by what they are for. */
public enum Call {
  /** {@code virConnectOpen} and what belongs to it. */
  CONNECT,
  /** {@code virDomainLookupByUUIDString}, {@code virDomainLookupByName}. */
  LOOKUP,
  /** {@code virConnectListAllDomains}. */
  LIST_DOMAINS,
  /**
   * {@code virDomainGetState}, {@code virDomainIsPersistent}, {@code virDomainHasManagedSaveImage}.
   */
  READ_STATUS,
  /** {@code virDomainGetControlInfo}. */
  READ_CONTROL,
  /** {@code virDomainGetJobStats}. */
  READ_JOB,
  /** {@code virDomainListGetStats}. */
  READ_STATS,
  /** {@code virDomainGetXMLDesc}. */
  READ_XML,
  /** {@code virStoragePoolLookupByName}, {@code virStoragePoolGetXMLDesc}. */
  READ_POOL,
  /** {@code virDomainAttachDeviceFlags}. */
  ATTACH,
  /** {@code virDomainAttachDeviceFlags}, of a SCSI controller for a disk. */
  ATTACH_CONTROLLER,
  /** {@code virDomainUpdateDeviceFlags}. */
  UPDATE,
  /** {@code virDomainDetachDeviceAlias}, {@code virDomainDetachDeviceFlags}. */
  DETACH,
  /** {@code virDomainSetBlockIoTune}. */
  SET_LIMITS,
  /** {@code virDomainGetBlockInfo}. */
  READ_SIZE,
  /** {@code virDomainBlockResize}. */
  RESIZE,
  /** {@code virDomainSetMetadata}. */
  NOTE,
  /** {@code virDomainQemuMonitorCommand}, used to ask and not to change. */
  ASK_QEMU,
  /** {@code virDomainQemuMonitorCommand}, used to take out what libvirt does not know of. */
  CHANGE_QEMU,
  /** {@code virConnectDomainEventRegisterAny}. */
  SUBSCRIBE,
  /**
   * {@code virSecretLookupByUsage}, {@code virSecretLookupByUUIDString}, {@code
   * virSecretGetXMLDesc}.
   */
  READ_SECRET,
  /** {@code virSecretDefineXML}. */
  DEFINE_SECRET,
  /** {@code virSecretSetValue}. */
  SET_SECRET,
  /** {@code virSecretUndefine}. */
  REMOVE_SECRET;

  /**
   * Whether it changes devices of a domain, or a secret. {@link #NOTE} does not: it writes into the
   * metadata of a domain alone.
   */
  public boolean isChange() {
    return switch (this) {
      case ATTACH,
          ATTACH_CONTROLLER,
          UPDATE,
          DETACH,
          SET_LIMITS,
          RESIZE,
          CHANGE_QEMU,
          DEFINE_SECRET,
          SET_SECRET,
          REMOVE_SECRET ->
          true;
      case CONNECT,
          LOOKUP,
          LIST_DOMAINS,
          READ_STATUS,
          READ_CONTROL,
          READ_JOB,
          READ_STATS,
          READ_XML,
          READ_POOL,
          READ_SIZE,
          NOTE,
          ASK_QEMU,
          SUBSCRIBE,
          READ_SECRET ->
          false;
    };
  }
}
