// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

import static io.diskplug.internal.fault.Condition.ACCESS_DENIED;
import static io.diskplug.internal.fault.Condition.ADDRESS_TAKEN;
import static io.diskplug.internal.fault.Condition.ALIAS_TAKEN;
import static io.diskplug.internal.fault.Condition.BAD_REQUEST;
import static io.diskplug.internal.fault.Condition.BLOCK_JOB_RUNNING;
import static io.diskplug.internal.fault.Condition.CONNECTION_LOST;
import static io.diskplug.internal.fault.Condition.DAEMON_INCOMPLETE;
import static io.diskplug.internal.fault.Condition.DEVICE_MISSING;
import static io.diskplug.internal.fault.Condition.DOMAIN_BUSY;
import static io.diskplug.internal.fault.Condition.DOMAIN_NOT_FOUND;
import static io.diskplug.internal.fault.Condition.DOMAIN_NOT_RUNNING;
import static io.diskplug.internal.fault.Condition.DOMAIN_TRANSIENT;
import static io.diskplug.internal.fault.Condition.HOST_INCOMPLETE;
import static io.diskplug.internal.fault.Condition.NAME_TAKEN_IN_QEMU;
import static io.diskplug.internal.fault.Condition.NOT_PERMITTED;
import static io.diskplug.internal.fault.Condition.NOT_PLUGGABLE;
import static io.diskplug.internal.fault.Condition.NOT_SUPPORTED;
import static io.diskplug.internal.fault.Condition.NO_ROOM;
import static io.diskplug.internal.fault.Condition.OTHER;
import static io.diskplug.internal.fault.Condition.QEMU_GONE;
import static io.diskplug.internal.fault.Condition.SECRET_MISSING;
import static io.diskplug.internal.fault.Condition.SECRET_TAKEN;
import static io.diskplug.internal.fault.Condition.SERIAL_TOO_LONG;
import static io.diskplug.internal.fault.Condition.STORAGE_UNREACHABLE;
import static io.diskplug.internal.fault.Condition.TARGET_TAKEN;
import static io.diskplug.internal.fault.Condition.UNPLUG_IN_PROGRESS;
import static io.diskplug.internal.fault.Condition.VOLUME_IN_USE;
import static io.diskplug.internal.fault.Condition.VOLUME_NOT_FOUND;
import static io.diskplug.internal.fault.Verdict.ALREADY_DONE;
import static io.diskplug.internal.fault.Verdict.FATAL;
import static io.diskplug.internal.fault.Verdict.RETRYABLE;
import static io.diskplug.internal.fault.Verdict.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The messages are libvirt's and QEMU's own; most were captured from libvirt 9.0 and QEMU 7.2. */
class FaultTableTest {

  private static final String BLOCKDEV_ADD =
      "internal error: unable to execute QEMU command 'blockdev-add': ";
  private static final String DEVICE_ADD =
      "internal error: unable to execute QEMU command 'device_add': ";
  private static final String DEVICE_DEL =
      "internal error: unable to execute QEMU command 'device_del': ";

  private static Classification classify(Call call, int code, String message) {
    return FaultTable.classify(new LibvirtFault(call, code, 10, message));
  }

  @ParameterizedTest
  @MethodSource
  void whatTheStorageSaysOnAttach(String message, Condition condition, Verdict verdict) {
    assertThat(classify(Call.ATTACH, 1, message)).isEqualTo(new Classification(condition, verdict));
  }

  static Stream<Arguments> whatTheStorageSaysOnAttach() {
    return Stream.of(
        arguments(
            BLOCKDEV_ADD + "Could not open '/srv/disks/a.img': No such file or directory",
            VOLUME_NOT_FOUND,
            FATAL),
        arguments(
            BLOCKDEV_ADD + "Could not open '/srv/disks/a.img': Permission denied",
            ACCESS_DENIED,
            FATAL),
        arguments(BLOCKDEV_ADD + "Unknown driver 'rbd'", HOST_INCOMPLETE, FATAL),
        arguments(
            BLOCKDEV_ADD + "Parameter 'driver' does not accept value 'rbd'",
            HOST_INCOMPLETE,
            FATAL),
        arguments(
            BLOCKDEV_ADD + "Could not open '/srv/a.img': Stale file handle",
            STORAGE_UNREACHABLE,
            RETRYABLE),
        arguments(
            BLOCKDEV_ADD + "'file' driver requires '/srv' to be a regular file",
            BAD_REQUEST,
            FATAL),
        arguments(BLOCKDEV_ADD + "Image is not in qcow2 format", BAD_REQUEST, FATAL),
        arguments(BLOCKDEV_ADD + "Driver 'rbd' is not whitelisted", HOST_INCOMPLETE, FATAL),
        arguments(
            BLOCKDEV_ADD + "Driver 'vmdk' can only be used for read-only devices",
            BAD_REQUEST,
            FATAL),
        arguments(
            BLOCKDEV_ADD + "aio=native was specified, but is not supported in this build.",
            HOST_INCOMPLETE,
            FATAL),
        arguments(
            BLOCKDEV_ADD
                + "aio=native was specified, but it requires cache.direct=on, which was not"
                + " specified.",
            BAD_REQUEST,
            FATAL),
        arguments(
            BLOCKDEV_ADD + "Invalid password, cannot unlock any keyslot", ACCESS_DENIED, FATAL),
        arguments(BLOCKDEV_ADD + "Volume is not in LUKS format", BAD_REQUEST, FATAL),
        arguments(
            BLOCKDEV_ADD + "qcow2: Image is corrupt; cannot be opened read/write",
            BAD_REQUEST,
            FATAL),
        arguments(BLOCKDEV_ADD + "Failed to parse URL: iscsi://x", BAD_REQUEST, FATAL),
        arguments(
            DEVICE_ADD
                + "Cannot get 'write' permission without 'resize': Image size is not a multiple of"
                + " request alignment",
            BAD_REQUEST,
            FATAL),
        arguments(
            "internal error: child reported (status=125): unable to set user and group to"
                + " '64055:109' on '/srv/a.img': No such file or directory",
            VOLUME_NOT_FOUND,
            FATAL),
        arguments(
            "internal error: child reported (status=125): unable to stat: /srv/a.img: Stale file"
                + " handle",
            STORAGE_UNREACHABLE,
            RETRYABLE),
        arguments(
            "internal error: child reported (status=125): Unable to get XATTR"
                + " trusted.libvirt.security.ref_dac on /srv/a.img: No such file or directory",
            VOLUME_NOT_FOUND,
            FATAL),
        arguments(
            "internal error: child reported (status=125): Requested operation is not valid: Setting"
                + " different SELinux label on /srv/a.img which is already in use",
            VOLUME_IN_USE,
            RETRYABLE),
        arguments(BLOCKDEV_ADD + "Failed to get \"write\" lock", VOLUME_IN_USE, RETRYABLE),
        arguments(
            DEVICE_ADD + "The serial number can't be longer than 36 characters",
            SERIAL_TOO_LONG,
            FATAL),
        arguments(DEVICE_ADD + "Failed to get shared \"write\" lock", VOLUME_IN_USE, RETRYABLE),
        arguments(DEVICE_ADD + "Failed to get \"consistent read\" lock", VOLUME_IN_USE, RETRYABLE));
  }

  @ParameterizedTest
  @MethodSource
  void whatLibvirtAndTheDeviceModelSayOnAttach(
      int code, String message, Condition condition, Verdict verdict) {
    assertThat(classify(Call.ATTACH, code, message))
        .isEqualTo(new Classification(condition, verdict));
  }

  static Stream<Arguments> whatLibvirtAndTheDeviceModelSayOnAttach() {
    return Stream.of(
        arguments(1, "internal error: No more available PCI slots", NO_ROOM, FATAL),
        arguments(1, "internal error: Invalid harddisk device name: xyz", BAD_REQUEST, FATAL),
        arguments(
            1,
            BLOCKDEV_ADD + "No secret with id 'libvirt-5-format-encryption-secret0'",
            NOT_PLUGGABLE,
            FATAL),
        arguments(
            1,
            DEVICE_ADD + "Duplicate device ID 'virtio-disk0' for device",
            NAME_TAKEN_IN_QEMU,
            UNKNOWN),
        arguments(1, BLOCKDEV_ADD + "Duplicate node name", NAME_TAKEN_IN_QEMU, UNKNOWN),
        arguments(
            1, DEVICE_ADD + "Duplicate ID 'virtio-disk0' for device", NAME_TAKEN_IN_QEMU, UNKNOWN),
        arguments(
            1,
            BLOCKDEV_ADD + "Duplicate nodes with node-name='libvirt-4-storage'",
            NAME_TAKEN_IN_QEMU,
            UNKNOWN),
        arguments(
            1,
            DEVICE_ADD
                + "PCI: slot 3 function 0 not available for virtio-blk-pci, in use by"
                + " virtio-blk-pci,id=ua-g",
            ADDRESS_TAKEN,
            UNKNOWN),
        arguments(1, DEVICE_ADD + "Bus 'ide.2' does not support hotplugging", NOT_PLUGGABLE, FATAL),
        arguments(19, "missing source information for device vdb", BAD_REQUEST, FATAL),
        arguments(20, "missing target information for '/a'", BAD_REQUEST, FATAL),
        arguments(
            27,
            "XML error: target 'vda' duplicated for disk sources '/a' and '/b'",
            TARGET_TAKEN,
            ALREADY_DONE),
        arguments(
            27,
            "XML error: Attempted double use of PCI Address 0000:01:00.0",
            ADDRESS_TAKEN,
            UNKNOWN),
        arguments(27, "XML error: Invalid PCI address 0000:00:00.0", BAD_REQUEST, FATAL),
        arguments(
            35,
            "(device_definition):1: Opening and ending tag mismatch: disk line 1 and disc",
            BAD_REQUEST,
            FATAL),
        arguments(
            38,
            "Cannot access storage file '/srv/a.img' (as uid:64055, gid:106): No such file or"
                + " directory",
            VOLUME_NOT_FOUND,
            FATAL),
        arguments(
            38,
            "Cannot access storage file '/srv/a.img' (as uid:64055, gid:106): Permission denied",
            ACCESS_DENIED,
            FATAL),
        arguments(
            38, "Cannot access storage file '/a/b': Not a directory", VOLUME_NOT_FOUND, FATAL),
        arguments(
            38,
            "unable to set user and group to '64055:109' on '/srv/a.img': Operation not permitted",
            ACCESS_DENIED,
            FATAL),
        arguments(
            38,
            "unable to set security context 'system_u:object_r:svirt_image_t:s0' on '/srv/a.img':"
                + " Operation not permitted",
            ACCESS_DENIED,
            FATAL),
        arguments(
            38,
            "Failed to open file '/srv/a.img': No such file or directory",
            VOLUME_NOT_FOUND,
            FATAL),
        arguments(
            38, "Unable to access /dev/sdx: No such file or directory", VOLUME_NOT_FOUND, FATAL),
        arguments(
            38,
            "Unable to write to '/sys/fs/cgroup/devices.allow': No such file or directory",
            OTHER,
            UNKNOWN),
        arguments(
            55,
            "Requested operation is not valid: Setting different DAC user or group on /srv/a.img"
                + " which is already in use",
            VOLUME_IN_USE,
            RETRYABLE),
        arguments(9, "operation failed: domain is no longer running", DOMAIN_NOT_RUNNING, UNKNOWN),
        arguments(8, "invalid argument: monitor must not be NULL", QEMU_GONE, UNKNOWN),
        arguments(1, DEVICE_ADD + "lun already used by 'ua-dp-3f'", ADDRESS_TAKEN, UNKNOWN),
        arguments(
            1,
            "internal error: QEMU unexpectedly closed the monitor (vm='web')",
            QEMU_GONE,
            UNKNOWN),
        arguments(
            38,
            "Cannot access storage file '/srv/a.img': Input/output error",
            STORAGE_UNREACHABLE,
            RETRYABLE),
        arguments(
            84,
            "Operation not supported: disk bus 'ide' cannot be hotplugged.",
            NOT_PLUGGABLE,
            FATAL),
        arguments(
            84,
            "Operation not supported: 'ibmvscsi' controller cannot be hot plugged.",
            NOT_PLUGGABLE,
            FATAL),
        arguments(
            87, "resource busy: Lockspace resource '4d3cf9a6' is locked", VOLUME_IN_USE, RETRYABLE),
        arguments(
            67,
            "unsupported configuration: Disk iothread '3' not defined in iothreadid",
            BAD_REQUEST,
            FATAL),
        arguments(
            55,
            "Requested operation is not valid: target vdb already exists",
            TARGET_TAKEN,
            ALREADY_DONE),
        arguments(
            55,
            "Requested operation is not valid: Domain already contains a disk with that address",
            ADDRESS_TAKEN,
            UNKNOWN),
        arguments(9, "operation failed: target vdb already exists", TARGET_TAKEN, ALREADY_DONE),
        arguments(
            66,
            "Secret not found: no secret with matching uuid 'f9f84d52-6ba1-4c3a-b2f4-2a4ec0b1e9ac'",
            SECRET_MISSING,
            FATAL),
        arguments(
            67,
            "unsupported configuration: non unique alias detected: ua-dp-3f",
            ALIAS_TAKEN,
            ALREADY_DONE),
        arguments(
            67,
            "unsupported configuration: native I/O needs either no disk cache or directsync cache"
                + " mode, QEMU will fallback to aio=threads",
            BAD_REQUEST,
            FATAL),
        arguments(8, "invalid argument: bus must be 'virtio' or 'scsi'", BAD_REQUEST, FATAL));
  }

  @ParameterizedTest
  @MethodSource
  void whatIsSaidOnDetach(int code, String message, Condition condition, Verdict verdict) {
    assertThat(classify(Call.DETACH, code, message))
        .isEqualTo(new Classification(condition, verdict));
  }

  static Stream<Arguments> whatIsSaidOnDetach() {
    return Stream.of(
        arguments(
            84,
            "Operation not supported: disk device type 'cdrom' cannot be detached",
            NOT_PLUGGABLE,
            FATAL),
        arguments(99, "device not found: disk vda not found", DEVICE_MISSING, ALREADY_DONE),
        arguments(99, "device not found: no target device vda", DEVICE_MISSING, ALREADY_DONE),
        arguments(
            1, "internal error: no device found with alias ua-x", DEVICE_MISSING, ALREADY_DONE),
        arguments(9, "operation failed: disk vde not found", DEVICE_MISSING, ALREADY_DONE),
        arguments(8, "invalid argument: no target device vde", DEVICE_MISSING, ALREADY_DONE),
        arguments(
            1,
            DEVICE_DEL + "Device ua-x is already in the process of unplug",
            UNPLUG_IN_PROGRESS,
            RETRYABLE),
        arguments(
            1,
            DEVICE_DEL + "Hot-unplug failed: guest is busy (power indicator blinking)",
            DOMAIN_BUSY,
            RETRYABLE),
        arguments(
            1, DEVICE_DEL + "Bus 'pcie.0' does not support hotplugging", NOT_PLUGGABLE, FATAL),
        arguments(
            1, DEVICE_DEL + "Bus 'scsi0.0' does not support hotplugging", NOT_PLUGGABLE, FATAL),
        arguments(
            1,
            DEVICE_DEL + "Hot-unplug failed: unsupported by the port device 'pcie-root-port'",
            NOT_PLUGGABLE,
            FATAL),
        arguments(1, DEVICE_DEL + "device_del not allowed while migrating", DOMAIN_BUSY, RETRYABLE),
        arguments(
            84,
            "Operation not supported: disk 'vda' already in active block job",
            BLOCK_JOB_RUNNING,
            RETRYABLE),
        arguments(
            9,
            "operation failed: cannot hot unplug disk device with PCI guest address: 0000:00:0e.0"
                + " - not allowed by controller",
            NOT_PLUGGABLE,
            FATAL),
        arguments(
            9,
            "operation failed: cannot hot unplug multifunction PCI device: 0000:00:05.0",
            NOT_PLUGGABLE,
            FATAL),
        arguments(
            9,
            "operation failed: hot unplug of device 'vdb' is not allowed by controller",
            NOT_PLUGGABLE,
            FATAL),
        arguments(
            83,
            "block copy still active: disk 'vdb' already in active block job",
            BLOCK_JOB_RUNNING,
            RETRYABLE),
        arguments(27, "XML error: missing source", BAD_REQUEST, FATAL),
        arguments(35, "(device_definition):1: Document is empty", BAD_REQUEST, FATAL),
        arguments(19, "missing source information for device vdb", BAD_REQUEST, FATAL),
        arguments(20, "missing target information for '/a'", BAD_REQUEST, FATAL));
  }

  @ParameterizedTest
  @EnumSource(
      value = Call.class,
      names = {"ATTACH", "DETACH"})
  void whatIsSaidOnEitherChange(Call call) {
    assertThat(
            classify(
                call, 84, "Operation not supported: disk device type 'cdrom' cannot be hotplugged"))
        .isEqualTo(new Classification(NOT_PLUGGABLE, FATAL));
    assertThat(classify(call, 83, "block copy still active: disk 'vdb' in a block job"))
        .isEqualTo(new Classification(BLOCK_JOB_RUNNING, RETRYABLE));
  }

  @ParameterizedTest
  @EnumSource(Call.class)
  void whatAnyCallCanFailWith(Call call) {
    assertThat(
            Stream.of(
                classify(call, 42, "Domain not found: no domain with matching uuid 'd00b'"),
                classify(call, 3, "this function is not supported by the connection driver"),
                classify(call, 29, "operation virDomainAttachDeviceFlags forbidden for read only"),
                classify(call, 45, "authentication failed: no agent is available"),
                classify(call, 88, "access denied: 'domain' denied access")))
        .containsExactly(
            new Classification(DOMAIN_NOT_FOUND, FATAL),
            new Classification(NOT_SUPPORTED, FATAL),
            new Classification(NOT_PERMITTED, FATAL),
            new Classification(NOT_PERMITTED, FATAL),
            new Classification(NOT_PERMITTED, FATAL));
    assertThat(
            Stream.of(
                classify(
                    call,
                    68,
                    "Timed out during operation: cannot acquire state change lock (held by"
                        + " monitor=remoteDispatchDomainAttachDeviceFlags)"),
                classify(call, 86, "Guest agent is not responding: guest agent is not connected"),
                classify(call, 87, "resource busy: domain has active block job"),
                classify(
                    call,
                    9,
                    "operation failed: cannot acquire state change lock due to max_queued limit")))
        .containsOnly(new Classification(DOMAIN_BUSY, RETRYABLE));
    assertThat(
            Stream.of(
                classify(call, 5, "no connection driver available for qemu:///system"),
                classify(call, 6, "invalid connection pointer in virDomainGetXMLDesc"),
                classify(call, 7, "invalid domain pointer in virDomainGetXMLDesc"),
                classify(call, 39, "Cannot write data: Broken pipe"),
                classify(call, 40, "GNUTLS call error: Error in the pull function."),
                classify(call, 1, "internal error: client socket is closed"),
                classify(call, 1, "internal error: connection closed due to keepalive timeout"),
                classify(
                    call,
                    38,
                    "Failed to connect socket to '/run/libvirt/libvirt-sock': No such file or"
                        + " directory"),
                classify(
                    call,
                    38,
                    "Failed to connect socket to '/run/libvirt/virtqemud-sock': Connection"
                        + " refused"),
                classify(call, 38, "Cannot recv data: Connection reset by peer"),
                classify(call, 38, "Cannot write data: Broken pipe"),
                classify(call, 38, "End of file while reading data: Input/output error")))
        .containsOnly(new Classification(CONNECTION_LOST, RETRYABLE));
    assertThat(
            Stream.of(
                classify(
                    call,
                    38,
                    "Failed to connect socket to '/run/libvirt/virtsecretd-sock': No such file or"
                        + " directory"),
                classify(
                    call,
                    38,
                    "Verbindung mit Socket '/run/user/7/libvirt/virtstoraged-sock' gescheitert")))
        .containsOnly(new Classification(DAEMON_INCOMPLETE, FATAL));
    assertThat(
            classify(
                call,
                38,
                "Failed to connect socket to '/run/libvirt/virtsecretd-sock': Permission denied"))
        .isEqualTo(new Classification(NOT_PERMITTED, FATAL));
    assertThat(
            Stream.of(
                classify(
                    call,
                    38,
                    "Failed to connect socket to '/run/libvirt/virtlockd-sock': Connection"
                        + " refused"),
                classify(
                    call,
                    38,
                    "Failed to connect socket to '/run/libvirt/virtsecretd-sock': Resource"
                        + " temporarily unavailable")))
        .containsOnly(new Classification(CONNECTION_LOST, RETRYABLE));
    assertThat(
            Stream.of(
                classify(call, 1, "internal error: End of file from qemu monitor"),
                classify(call, 1, "internal error: qemu unexpectedly closed the monitor"),
                classify(call, 38, "Unable to read from monitor: Connection reset by peer")))
        .containsOnly(new Classification(QEMU_GONE, UNKNOWN));
    assertThat(classify(call, 55, "Requested operation is not valid: domain is not running"))
        .isEqualTo(new Classification(DOMAIN_NOT_RUNNING, UNKNOWN));
    assertThat(
            Stream.of(
                classify(
                    call,
                    55,
                    "Requested operation is not valid: transient domains do not have any"
                        + " persistent config"),
                classify(
                    call,
                    55,
                    "Requested operation is not valid: cannot change persistent config of a"
                        + " transient domain")))
        .containsOnly(new Classification(DOMAIN_TRANSIENT, UNKNOWN));
  }

  @Test
  void whatABackendOfOlderQemuSaysIsLeftToTheStorage() {
    assertThat(
            classify(
                Call.ATTACH,
                1,
                DEVICE_ADD
                    + "Property 'virtio-blk-device.drive' can't find value 'drive-virtio-disk15'"))
        .isEqualTo(new Classification(OTHER, UNKNOWN));
  }

  /** LIVE|CONFIG with the disk in one view only: the code says nothing about the other view. */
  @ParameterizedTest
  @MethodSource
  void whatIsSaidOfADiskThatIsAttached(
      Call call, int code, String message, Condition condition, Verdict verdict) {
    assertThat(classify(call, code, message)).isEqualTo(new Classification(condition, verdict));
  }

  static Stream<Arguments> whatIsSaidOfADiskThatIsAttached() {
    String resize = "internal error: unable to execute QEMU command 'block_resize': ";
    String throttle = "internal error: unable to execute QEMU command 'block_set_io_throttle': ";
    return Stream.of(
        arguments(
            Call.SET_LIMITS,
            8,
            "invalid argument: disk 'vdz' not found in domain",
            DEVICE_MISSING,
            UNKNOWN),
        arguments(
            Call.SET_LIMITS,
            8,
            "invalid argument: missing persistent configuration for disk 'vdz'",
            DEVICE_MISSING,
            UNKNOWN),
        arguments(
            Call.RESIZE,
            8,
            "invalid argument: disk 'vdz' was not found in the domain config",
            DEVICE_MISSING,
            UNKNOWN),
        arguments(
            Call.READ_SIZE,
            8,
            "invalid argument: invalid path vdz not assigned to domain",
            DEVICE_MISSING,
            UNKNOWN),
        arguments(Call.SET_LIMITS, 8, "invalid argument: anything else", OTHER, UNKNOWN),
        arguments(
            Call.SET_LIMITS,
            8,
            "invalid argument: total and read/write of bytes_sec cannot be set at the same time",
            BAD_REQUEST,
            FATAL),
        arguments(
            Call.SET_LIMITS,
            67,
            "unsupported configuration: value 'total_bytes_sec_max' cannot be smaller than"
                + " 'total_bytes_sec'",
            BAD_REQUEST,
            FATAL),
        arguments(
            Call.SET_LIMITS,
            1,
            throttle + "burst length set without burst rate",
            BAD_REQUEST,
            FATAL),
        arguments(
            Call.RESIZE,
            1,
            "internal error: unable to execute QEMU command 'block_resize': Cannot grow iSCSI"
                + " devices",
            BAD_REQUEST,
            FATAL),
        arguments(
            Call.SET_LIMITS,
            84,
            "Operation not supported: throttling length parameters are not supported with this"
                + " QEMU binary",
            NOT_SUPPORTED,
            FATAL),
        arguments(Call.SET_LIMITS, 84, "Operation not supported: no max_length", OTHER, UNKNOWN),
        arguments(
            Call.RESIZE,
            1,
            "internal error: unable to execute QEMU command 'block_resize': Device '(null)' is in"
                + " use",
            BLOCK_JOB_RUNNING,
            RETRYABLE),
        arguments(
            Call.RESIZE,
            1,
            "internal error: unable to execute QEMU command 'block_resize': Node"
                + " 'libvirt-1-format' is busy: block device is in use by block job: backup",
            BLOCK_JOB_RUNNING,
            RETRYABLE),
        arguments(
            Call.RESIZE,
            83,
            "block copy still active: disk 'vdb' already in active block job",
            BLOCK_JOB_RUNNING,
            RETRYABLE),
        arguments(
            Call.RESIZE,
            55,
            "Requested operation is not valid: domain is not running",
            DOMAIN_NOT_RUNNING,
            UNKNOWN),
        arguments(
            Call.RESIZE, 1, resize + "Failed to get \"resize\" lock", VOLUME_IN_USE, RETRYABLE),
        arguments(
            Call.RESIZE,
            1,
            resize + "Failed to get shared \"write\" lock",
            VOLUME_IN_USE,
            RETRYABLE),
        arguments(
            Call.RESIZE,
            1,
            resize + "Failed to resize file: Permission denied",
            ACCESS_DENIED,
            FATAL),
        arguments(
            Call.RESIZE,
            1,
            resize + "Failed to resize the file: Input/output error",
            STORAGE_UNREACHABLE,
            RETRYABLE),
        arguments(
            Call.RESIZE,
            1,
            resize + "Failed to resize the file: No space left on device",
            OTHER,
            UNKNOWN),
        arguments(
            Call.RESIZE,
            1,
            resize + "Image format driver does not support resize",
            BAD_REQUEST,
            FATAL),
        arguments(Call.RESIZE, 1, resize + "Cannot resize device files", BAD_REQUEST, FATAL),
        arguments(
            Call.RESIZE,
            1,
            resize + "Required too big image size, it must be not greater than 9223372036854775296",
            BAD_REQUEST,
            FATAL),
        arguments(Call.RESIZE, 1, "internal error: something new", OTHER, UNKNOWN));
  }

  @ParameterizedTest
  @EnumSource(
      value = Call.class,
      names = {"DETACH"},
      mode = EnumSource.Mode.EXCLUDE)
  void whatIsGoneForADetachSaysNothingToOtherCalls(Call call) {
    assertThat(
            Stream.of(
                classify(call, 99, "device not found: disk vda not found"),
                classify(call, 1, "internal error: no device found with alias ua-x"),
                classify(call, 9, "operation failed: disk vde not found")))
        .containsOnly(new Classification(OTHER, UNKNOWN));
  }

  @ParameterizedTest
  @EnumSource(
      value = Call.class,
      names = {"ATTACH", "ATTACH_CONTROLLER", "UPDATE", "SET_LIMITS", "READ_SIZE", "RESIZE"},
      mode = EnumSource.Mode.EXCLUDE)
  void whatIsTakenForAnAttachSaysNothingToOtherCalls(Call call) {
    assertThat(
            Stream.of(
                classify(call, 55, "Requested operation is not valid: target vdb already exists"),
                classify(call, 1, "internal error: No more available PCI slots"),
                classify(call, 67, "unsupported configuration: non unique alias detected: ua-x")))
        .containsOnly(new Classification(OTHER, UNKNOWN));
  }

  /** A disk needs a secret that is not there; a request about a secret looks again. */
  @ParameterizedTest
  @EnumSource(Call.class)
  void aSecretThatIsMissing(Call call) {
    Classification expected =
        switch (call) {
          case ATTACH, ATTACH_CONTROLLER, UPDATE -> new Classification(SECRET_MISSING, FATAL);
          case READ_SECRET, DEFINE_SECRET, SET_SECRET, REMOVE_SECRET ->
              new Classification(SECRET_MISSING, UNKNOWN);
          default -> new Classification(OTHER, UNKNOWN);
        };

    assertThat(classify(call, 66, "Secret not found: no secret with matching uuid ''"))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "internal error: a secret with UUID 1 already defined for use with a",
        "internal error: a secret with UUID 1 is already defined for use with a"
      })
  void aSecretThatSomebodyElseHasDefined(String message) {
    assertThat(classify(Call.DEFINE_SECRET, 1, message))
        .isEqualTo(new Classification(SECRET_TAKEN, ALREADY_DONE));
    assertThat(classify(Call.SET_SECRET, 1, message)).isEqualTo(new Classification(OTHER, UNKNOWN));
  }

  /** Those codes mean many things: only the message could have told which. */
  @ParameterizedTest
  @MethodSource
  void aMessageThatTellsNothingIsNoGroundForAConclusion(Call call, int code, String message) {
    assertThat(classify(call, code, message)).isEqualTo(new Classification(OTHER, UNKNOWN));
  }

  static Stream<Arguments> aMessageThatTellsNothingIsNoGroundForAConclusion() {
    List<String> messages =
        List.of(
            "",
            "Interner Fehler: QEMU-Befehl 'blockdev-add' konnte nicht ausgeführt werden",
            "Operation fehlgeschlagen: Datenträger vde nicht gefunden",
            "Angeforderte Operation ist nicht gültig: Domain läuft nicht",
            "内部エラー: エイリアス ua-x のデバイスが見つかりません");
    return Stream.of(Call.values())
        .flatMap(
            call ->
                Stream.of(0, 1, 9, 38, 55)
                    .flatMap(code -> messages.stream().map(text -> arguments(call, code, text))));
  }
}
