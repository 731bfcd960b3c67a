// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.libvirt;

import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.NativeLongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.libvirt.jna.CString;
import org.libvirt.jna.ConnectionPointer;
import org.libvirt.jna.DomainPointer;
import org.libvirt.jna.Libvirt;
import org.libvirt.jna.SecretPointer;
import org.libvirt.jna.SizeT;
import org.libvirt.jna.StoragePoolPointer;

/**
 * The functions of libvirt that the adapter calls, by their names in C. Strings are UTF-8 whatever
 * the platform's encoding is: libvirt knows no other.
 */
interface LibvirtApi extends Library {

  /** {@code virErrorLevel}: what is below is a warning, and no failure. */
  int VIR_ERR_ERROR = 2;

  int VIR_UUID_STRING_BUFLEN = 37;

  int VIR_DOMAIN_AFFECT_LIVE = 1;
  int VIR_DOMAIN_AFFECT_CONFIG = 2;
  int VIR_DOMAIN_XML_INACTIVE = 2;

  /** Snapshots that have memory. */
  int VIR_DOMAIN_SNAPSHOT_LIST_ACTIVE = 1 << 6;

  int VIR_DOMAIN_METADATA_ELEMENT = 2;
  int VIR_DOMAIN_BLOCK_RESIZE_BYTES = 1;

  int VIR_DOMAIN_CONTROL_OK = 0;

  /** {@code virDomainControlState}: a call works on the domain beside an asynchronous job. */
  int VIR_DOMAIN_CONTROL_JOB = 1;

  /** {@code virDomainControlState}: the monitor works on a command. */
  int VIR_DOMAIN_CONTROL_OCCUPIED = 2;

  int VIR_DOMAIN_CONTROL_ERROR = 3;

  /** {@code virDomainControlErrorReason}: there is a job, and the monitor is not in use. */
  int VIR_DOMAIN_CONTROL_ERROR_REASON_INTERNAL = 3;

  int VIR_DOMAIN_STATS_BLOCK = 1 << 5;
  int VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE = 1;
  int VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT = 1 << 29;

  int VIR_DOMAIN_EVENT_ID_LIFECYCLE = 0;
  int VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED = 15;
  int VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED = 22;

  int VIR_CONNECT_LIST_DOMAINS_ACTIVE = 1;
  int VIR_CONNECT_LIST_DOMAINS_INACTIVE = 2;

  int VIR_SECRET_USAGE_TYPE_CEPH = 2;
  int VIR_SECRET_USAGE_TYPE_ISCSI = 3;

  ConnectionPointer virConnectOpenAuth(String uri, @Nullable Pointer auth, int flags);

  int virConnectClose(ConnectionPointer connection);

  int virConnectGetLibVersion(ConnectionPointer connection, NativeLongByReference version);

  int virConnectIsAlive(ConnectionPointer connection);

  int virConnectSetKeepAlive(ConnectionPointer connection, int intervalSeconds, int count);

  int virConnectDomainEventRegisterAny(
      ConnectionPointer connection,
      @Nullable DomainPointer domain,
      int eventId,
      Libvirt.VirDomainEventCallback callback,
      @Nullable Pointer opaque,
      Libvirt.@Nullable VirFreeCallback free);

  /** {@code virConnectCloseFunc}. */
  interface CloseCallback extends Callback {
    void closed(ConnectionPointer connection, int reason, @Nullable Pointer opaque);
  }

  int virConnectRegisterCloseCallback(
      ConnectionPointer connection,
      CloseCallback callback,
      @Nullable Pointer opaque,
      Libvirt.@Nullable VirFreeCallback free);

  int virConnectUnregisterCloseCallback(ConnectionPointer connection, CloseCallback callback);

  int virConnectDomainEventDeregisterAny(ConnectionPointer connection, int callbackId);

  int virConnectListAllDomains(ConnectionPointer connection, PointerByReference domains, int flags);

  @Nullable DomainPointer virDomainLookupByUUIDString(ConnectionPointer connection, String uuid);

  @Nullable DomainPointer virDomainLookupByName(ConnectionPointer connection, String name);

  int virDomainFree(DomainPointer domain);

  int virDomainGetID(DomainPointer domain);

  @Nullable String virDomainGetName(DomainPointer domain);

  int virDomainGetUUIDString(DomainPointer domain, byte[] uuid);

  int virDomainGetState(
      DomainPointer domain, IntByReference state, @Nullable IntByReference reason, int flags);

  int virDomainGetControlInfo(DomainPointer domain, Pointer info, int flags);

  int virDomainGetJobStats(
      DomainPointer domain,
      IntByReference type,
      PointerByReference parameters,
      IntByReference count,
      int flags);

  int virDomainListGetStats(Pointer[] domains, int stats, PointerByReference records, int flags);

  void virDomainStatsRecordListFree(@Nullable Pointer records);

  int virTypedParamsGetUInt(
      @Nullable Pointer parameters, int count, String name, IntByReference value);

  int virTypedParamsGetString(
      @Nullable Pointer parameters, int count, String name, PointerByReference value);

  int virTypedParamsGetInt(
      @Nullable Pointer parameters, int count, String name, IntByReference value);

  int virDomainIsPersistent(DomainPointer domain);

  int virDomainHasManagedSaveImage(DomainPointer domain, int flags);

  int virDomainSnapshotNum(DomainPointer domain, int flags);

  @Nullable CString virDomainGetXMLDesc(DomainPointer domain, int flags);

  int virDomainAttachDeviceFlags(DomainPointer domain, String xml, int flags);

  int virDomainUpdateDeviceFlags(DomainPointer domain, String xml, int flags);

  int virDomainDetachDeviceFlags(DomainPointer domain, String xml, int flags);

  int virDomainDetachDeviceAlias(DomainPointer domain, String alias, int flags);

  int virDomainSetBlockIoTune(
      DomainPointer domain, String disk, Pointer parameters, int count, int flags);

  int virDomainGetBlockInfo(DomainPointer domain, String disk, Pointer info, int flags);

  int virDomainBlockResize(DomainPointer domain, String disk, long size, int flags);

  int virTypedParamsAddULLong(
      PointerByReference parameters,
      IntByReference count,
      IntByReference capacity,
      String name,
      long value);

  int virTypedParamsAddString(
      PointerByReference parameters,
      IntByReference count,
      IntByReference capacity,
      String name,
      String value);

  void virTypedParamsFree(@Nullable Pointer parameters, int count);

  int virDomainSetMetadata(
      DomainPointer domain,
      int type,
      @Nullable String metadata,
      @Nullable String key,
      String uri,
      int flags);

  @Nullable StoragePoolPointer virStoragePoolLookupByName(
      ConnectionPointer connection, String name);

  @Nullable CString virStoragePoolGetXMLDesc(StoragePoolPointer pool, int flags);

  int virStoragePoolFree(StoragePoolPointer pool);

  @Nullable SecretPointer virSecretLookupByUsage(
      ConnectionPointer connection, int usageType, String usageId);

  @Nullable SecretPointer virSecretLookupByUUIDString(ConnectionPointer connection, String uuid);

  @Nullable SecretPointer virSecretDefineXML(ConnectionPointer connection, String xml, int flags);

  @Nullable CString virSecretGetXMLDesc(SecretPointer secret, int flags);

  int virSecretGetUUIDString(SecretPointer secret, byte[] uuid);

  int virSecretSetValue(SecretPointer secret, Pointer value, SizeT size, int flags);

  int virSecretUndefine(SecretPointer secret);

  int virSecretFree(SecretPointer secret);

  @Nullable Pointer virGetLastError();

  void virResetLastError();

  void virSetErrorFunc(@Nullable Pointer userData, Libvirt.@Nullable VirErrorCallback handler);

  /** Functions of {@code libvirt-qemu}, a library of its own. */
  interface Qemu extends Library {
    int virDomainQemuMonitorCommand(
        DomainPointer domain, String command, PointerByReference result, int flags);
  }

  /** Loads the library on first use. */
  final class Loaded {
    static final LibvirtApi LIBVIRT = load("virt", LibvirtApi.class);

    private Loaded() {}

    private static <T extends Library> T load(String library, Class<T> type) {
      return Native.load(library, type, Map.of(Library.OPTION_STRING_ENCODING, "UTF-8"));
    }

    /** Apart, so that a host without libvirt-qemu fails only where it is needed. */
    static final class WithQemu {
      static final Qemu LIBVIRT_QEMU = load("virt-qemu", Qemu.class);

      private WithQemu() {}
    }
  }
}
