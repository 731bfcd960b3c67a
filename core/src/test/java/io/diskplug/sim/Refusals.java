// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.domain.PciAddress;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.fault.FaultException;

/** What libvirt and QEMU say when they refuse, in their words and with their codes. */
final class Refusals {

  private static final int FROM_NOBODY = 0;
  private static final int FROM_QEMU = 10;
  private static final int FROM_RPC = 7;
  private static final int FROM_REMOTE = 13;
  private static final int FROM_DOMAIN = 20;
  private static final int FROM_SECRETS = 30;

  private Refusals() {}

  static FaultException connectionLost(Call call) {
    return fault(call, 38, FROM_RPC, "Cannot recv data: Connection reset by peer");
  }

  static FaultException daemonDown(Call call) {
    return fault(
        call, 38, FROM_RPC, "Failed to connect socket to 'libvirt-sock': Connection refused");
  }

  static FaultException closed(Call call) {
    return fault(call, 6, FROM_NOBODY, "invalid connection pointer in the call");
  }

  static FaultException noDomain(Call call, Object reference) {
    return fault(call, 42, FROM_QEMU, "Domain not found: no domain with matching " + reference);
  }

  static FaultException notRunning(Call call) {
    return fault(call, 55, FROM_QEMU, "Requested operation is not valid: domain is not running");
  }

  static FaultException isTransient(Call call) {
    return fault(
        call,
        55,
        FROM_QEMU,
        "Requested operation is not valid: transient domains do not have any persistent config");
  }

  static FaultException jobHeld(Call call) {
    return fault(
        call,
        68,
        FROM_QEMU,
        "Timed out during operation: cannot acquire state change lock (held by monitor=remoteDispatch)");
  }

  static boolean isJobHeld(LibvirtFault fault) {
    return fault.code() == 68;
  }

  static FaultException qemuGone(Call call) {
    return internal(call, "End of file from qemu monitor");
  }

  static FaultException monitorReset(Call call) {
    return fault(call, 38, FROM_QEMU, "Unable to read from monitor: Connection reset by peer");
  }

  static FaultException unsafeSerial(String serial) {
    return internal(Call.ATTACH, "disk serial '" + serial + "' contains unsafe characters");
  }

  static FaultException notUnique(String alias) {
    return fault(
        Call.ATTACH,
        67,
        FROM_DOMAIN,
        "unsupported configuration: non unique alias detected: " + alias);
  }

  static FaultException groupWithOtherLimits(String target, String other) {
    return fault(
        Call.ATTACH,
        67,
        FROM_QEMU,
        "unsupported configuration: different iotunes for disks " + target + " and " + other);
  }

  static FaultException groupAlone() {
    return fault(
        Call.ATTACH,
        67,
        FROM_QEMU,
        "unsupported configuration: group_name can be configured only together with settings");
  }

  static FaultException groupWithoutLimits() {
    return fault(
        Call.SET_LIMITS,
        67,
        FROM_QEMU,
        "unsupported configuration: creating a new group/updating existing with all tune parameters"
            + " zero is not supported");
  }

  static FaultException targetLive(String target) {
    return fault(
        Call.ATTACH,
        27,
        FROM_DOMAIN,
        "XML error: target '" + target + "' duplicated for disk sources");
  }

  static FaultException targetPersistent(String target) {
    return fault(
        Call.ATTACH,
        55,
        FROM_QEMU,
        "Requested operation is not valid: target " + target + " already exists");
  }

  static FaultException indexLive(int index) {
    return fault(
        Call.ATTACH, 9, FROM_QEMU, "operation failed: target scsi:" + index + " already exists");
  }

  static FaultException indexPersistent(int index) {
    return fault(
        Call.ATTACH,
        55,
        FROM_QEMU,
        "Requested operation is not valid: controller index='" + index + "' already exists");
  }

  static FaultException addressTaken(Object address) {
    return fault(
        Call.ATTACH, 27, FROM_DOMAIN, "XML error: Attempted double use of PCI Address " + address);
  }

  static FaultException driveAddressTaken() {
    return fault(
        Call.ATTACH,
        55,
        FROM_QEMU,
        "Requested operation is not valid: Domain already contains a disk with that address");
  }

  static FaultException badAddress(Object address, String why) {
    return fault(
        Call.ATTACH, 27, FROM_DOMAIN, "XML error: Invalid PCI address " + address + ". " + why);
  }

  static FaultException needsHotPlug(PciAddress address) {
    return fault(
        Call.ATTACH,
        27,
        FROM_DOMAIN,
        "XML error: The device at PCI address "
            + address
            + " requires hotplug capability, but the PCI controller with index='"
            + address.bus()
            + "' doesn't support hotplug");
  }

  static FaultException noSlots() {
    return internal(Call.ATTACH, "No more available PCI slots");
  }

  static FaultException notPluggable(String bus) {
    return internal(
        Call.ATTACH,
        "unable to execute QEMU command 'device_add': Bus '"
            + bus
            + "' does not support hotplugging");
  }

  /** {@code qemuDomainAttachDeviceDiskLiveInternal}, where libvirt itself knows the buses. */
  static FaultException busNotPluggable(String bus) {
    return notSupported(Call.ATTACH, "disk bus '" + bus + "' cannot be hotplugged.");
  }

  static FaultException notSupported(Call call, String what) {
    return fault(call, 84, FROM_QEMU, "Operation not supported: " + what);
  }

  static FaultException unknownTargetPrefix(Generation generation, String target) {
    String text = "Invalid harddisk device name: " + target;
    return generation.unknownTargetPrefixIsAnXmlError()
        ? malformed(Call.ATTACH, text)
        : fault(Call.ATTACH, 1, FROM_DOMAIN, "internal error: " + text);
  }

  static FaultException malformed(Call call, String why) {
    return fault(call, 27, FROM_DOMAIN, "XML error: " + why);
  }

  static FaultException notWellFormed(Call call) {
    return fault(call, 35, FROM_DOMAIN, "(device_definition):1: Couldn't find end of Start Tag");
  }

  static FaultException unsupported(String what) {
    return fault(Call.ATTACH, 67, FROM_DOMAIN, "unsupported configuration: " + what);
  }

  static FaultException notTheFirstFunction() {
    return internal(Call.ATTACH, "hot-plug of a device to function other than 0 is not supported");
  }

  static FaultException noSecret(Call call, Object uuid) {
    return fault(
        call, 66, FROM_SECRETS, "Secret not found: no secret with matching uuid '" + uuid + "'");
  }

  static FaultException usageTaken(Object uuid, String usageId) {
    return secretError("a secret with UUID " + uuid + " already defined for use with " + usageId);
  }

  static FaultException uuidTaken(Object uuid, String usageId) {
    return secretError(
        "a secret with UUID " + uuid + " is already defined for use with " + usageId);
  }

  static FaultException cannotBePublished() {
    return secretError("cannot change private flag on existing secret");
  }

  static FaultException valueTooLong(int length, int most) {
    return fault(
        Call.SET_SECRET,
        39,
        FROM_REMOTE,
        "value length greater than maximum: " + length + " > " + most);
  }

  private static FaultException secretError(String message) {
    return fault(Call.DEFINE_SECRET, 1, FROM_SECRETS, "internal error: " + message);
  }

  static FaultException noFile(String path) {
    return fault(
        Call.ATTACH,
        38,
        FROM_QEMU,
        "Cannot access storage file '" + path + "': No such file or directory");
  }

  static FaultException noImage(String name) {
    return internal(
        Call.ATTACH,
        "unable to execute QEMU command 'blockdev-add': error reading header from "
            + name
            + ": No such file or directory");
  }

  /** As QEMU 6.0 and later say it. */
  static FaultException duplicateNode(String node) {
    return internal(
        Call.ATTACH,
        "unable to execute QEMU command 'blockdev-add': Duplicate nodes with node-name='"
            + node
            + "'");
  }

  /** As QEMU before 6.0 says it. */
  static FaultException duplicateNode() {
    return internal(
        Call.ATTACH, "unable to execute QEMU command 'blockdev-add': Duplicate node name");
  }

  static FaultException duplicateDevice(String id) {
    return internal(
        Call.ATTACH,
        "unable to execute QEMU command 'device_add': Duplicate device ID '" + id + "'");
  }

  static FaultException unplugInProgress(String id) {
    return internal(
        Call.DETACH,
        "unable to execute QEMU command 'device_del': Device "
            + id
            + " is already in the process of unplug");
  }

  /** QEMU 9.1 and later. */
  static FaultException serialTooLong(int most) {
    return internal(
        Call.ATTACH,
        "unable to execute QEMU command 'device_add': The serial number can't be longer than "
            + most
            + " characters");
  }

  static FaultException slotInUse(int slot, String id) {
    return internal(
        Call.ATTACH,
        "unable to execute QEMU command 'device_add': PCI: slot "
            + slot
            + " function 0 not available for virtio-blk-pci, in use by virtio-blk-pci,id="
            + id);
  }

  static FaultException locked(Call call) {
    return internal(
        call, "unable to execute QEMU command 'device_add': Failed to get \"write\" lock");
  }

  static FaultException unknownAlias(String alias) {
    return internal(Call.DETACH, "no device found with alias " + alias);
  }

  static FaultException noDisk(String target) {
    return fault(Call.DETACH, 99, FROM_QEMU, "device not found: no target device " + target);
  }

  /** As libvirt before 9.0 says it of the live view ({@code qemuDomainDetachPrepDisk}). */
  static FaultException noLiveDisk(String target) {
    return fault(Call.DETACH, 9, FROM_QEMU, "operation failed: disk " + target + " not found");
  }

  static FaultException noDiskToTune(Call call, String why) {
    return fault(call, 8, FROM_QEMU, "invalid argument: " + why);
  }

  static FaultException cannotGrow() {
    return internal(
        Call.RESIZE, "unable to execute QEMU command 'block_resize': Cannot grow iSCSI devices");
  }

  static FaultException blockJob(String target) {
    return fault(
        Call.DETACH,
        83,
        FROM_QEMU,
        "block copy still active: disk '" + target + "' already in active block job");
  }

  static FaultException busWithoutHotPlug(Call call, String bus) {
    return internal(
        call,
        "unable to execute QEMU command 'device_del': Bus '"
            + bus
            + "' does not support hotplugging");
  }

  static FaultException inUseByJob() {
    return internal(
        Call.RESIZE, "unable to execute QEMU command 'block_resize': Device '(null)' is in use");
  }

  static FaultException notAllowed() {
    return fault(
        Call.DETACH,
        9,
        FROM_QEMU,
        "operation failed: hot-unplug of device is not allowed by controller");
  }

  static FaultException saveFailed(Call call) {
    return fault(call, 38, FROM_NOBODY, "Failed to create file 'domain.xml.new': Is a directory");
  }

  private static FaultException internal(Call call, String message) {
    return fault(call, 1, FROM_QEMU, "internal error: " + message);
  }

  static FaultException fault(Call call, int code, int domain, String message) {
    return new FaultException(new LibvirtFault(call, code, domain, message));
  }
}
