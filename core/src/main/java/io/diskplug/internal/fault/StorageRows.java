// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

import static io.diskplug.internal.fault.Row.ATTACH;
import static io.diskplug.internal.fault.Row.RESIZE;
import static io.diskplug.internal.fault.Row.quoting;
import static io.diskplug.internal.fault.Row.row;
import static io.diskplug.internal.fault.Verdict.FATAL;
import static io.diskplug.internal.fault.Verdict.RETRYABLE;

import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What QEMU's block drivers say when they open or resize a volume, with the words of strerror(3)
 * behind, as far as it is no matter of a backend: files and devices (block/file-posix.c) and what
 * drivers have in common; and what libvirt says of files.
 */
final class StorageRows {

  private static final String MISSING =
      "(No such file or directory|Not a directory|Too many levels of symbolic links)";
  private static final String DENIED =
      "(Operation not permitted|Permission denied|Read-only file system)";

  /** What strerror says of a storage that is away. */
  private static final String AWAY =
      "(Input/output error|Stale file handle|Transport endpoint is not connected"
          + "|No such device( or address)?|No medium found|Host is down|No route to host"
          + "|Network is unreachable|Connection (timed out|refused|reset by peer)"
          + "|Resource temporarily unavailable|Remote I/O error"
          // A client that the cluster has shut out; the next connection is a new client.
          + "|Cannot send after transport endpoint shutdown)";

  private static final String OPEN = "Could not open .*: ";

  /** What libvirt does with a file before QEMU may open it. */
  private static final String ACCESS =
      "(Cannot access (storage|backing) file|[Uu]nable to set (user and group|security context)"
          + "|[Uu]nable to (stat|access|get XATTR|set XATTR)|unable to open|[Ff]ailed to open)\\b.*: ";

  /** The same, done in the mount namespace of the domain. */
  private static final String IN_NAMESPACE = "child reported \\(status=\\d+\\): " + ACCESS;

  private static final String LABELLED = "Setting different .* on .* which is already in use";

  /** What QEMU needs of the host, whatever the storage, and does not find there. */
  static final List<Row> OF_HOST =
      List.of(
          said("Unknown driver '", Condition.HOST_INCOMPLETE),
          quoting(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "Parameter 'driver' does not accept value",
              Condition.HOST_INCOMPLETE,
              FATAL),
          said(
              "Unknown protocol '|[Ff]ailed to (open|load|initialize) module",
              Condition.HOST_INCOMPLETE),
          said("Driver '' is not whitelisted", Condition.HOST_INCOMPLETE),
          said("aio=.* was specified, but is not supported", Condition.HOST_INCOMPLETE));

  private static final List<Row> MESSAGES =
      List.of(
          // A file or a block device, of QEMU and of libvirt.
          said("Failed to get (shared )?\"\" lock", Condition.VOLUME_IN_USE),
          resizing("Failed to get (shared )?\"\" lock", Condition.VOLUME_IN_USE),
          resizing(DENIED, Condition.ACCESS_DENIED),
          resizing(AWAY, Condition.STORAGE_UNREACHABLE),
          said(OPEN + "Device or resource busy", Condition.VOLUME_IN_USE),
          said("Failed to connect to '.*': " + AWAY, Condition.STORAGE_UNREACHABLE),
          said("driver requires '.*' to be ", Condition.BAD_REQUEST),
          said("can only be used for read-only devices", Condition.BAD_REQUEST),
          said("aio=.* was specified, but it requires", Condition.BAD_REQUEST),
          said(
              "Image size is not a multiple of request alignment|Image is corrupt"
                  + "|Failed to parse URL",
              Condition.BAD_REQUEST),
          // LUKS of QEMU.
          said("Invalid password, cannot unlock", Condition.ACCESS_DENIED),
          said("is not in LUKS format", Condition.BAD_REQUEST),
          said(
              "Image is not in .* format|Could not read image for determining",
              Condition.BAD_REQUEST),
          said("Block node is read-only", Condition.BAD_REQUEST),
          // Another domain uses the file, with another security label.
          of(ATTACH, ErrorCode.OPERATION_INVALID, LABELLED, Condition.VOLUME_IN_USE),
          said("child reported .*" + LABELLED, Condition.VOLUME_IN_USE));

  static final List<Row> ROWS =
      Stream.of(
              MESSAGES,
              opening(ErrorCode.INTERNAL_ERROR, OPEN),
              opening(ErrorCode.SYSTEM_ERROR, ACCESS),
              opening(ErrorCode.INTERNAL_ERROR, IN_NAMESPACE))
          .flatMap(List::stream)
          .toList();

  private StorageRows() {}

  /** What the driver of a backend has said when it was to open a volume. */
  static Optional<Classification> ofDriver(
      LibvirtFault fault, String words, Function<String, Optional<Condition>> drivers) {
    return fault.code() == ErrorCode.INTERNAL_ERROR && ATTACH.contains(fault.call())
        ? drivers.apply(words).map(it -> new Classification(it, verdict(it)))
        : Optional.empty();
  }

  private static Verdict verdict(Condition condition) {
    return condition.remedy().isChange() ? FATAL : RETRYABLE;
  }

  private static Row said(String text, Condition condition) {
    return of(ErrorCode.INTERNAL_ERROR, text, condition);
  }

  /** What strerror(3) says behind the words with which a file cannot be opened. */
  private static List<Row> opening(int code, String words) {
    return List.of(
        of(code, words + MISSING, Condition.VOLUME_NOT_FOUND),
        of(code, words + DENIED, Condition.ACCESS_DENIED),
        of(code, words + AWAY, Condition.STORAGE_UNREACHABLE));
  }

  /** QEMU takes a lock of the file, and writes to the storage, when it resizes it. */
  private static Row resizing(String text, Condition condition) {
    return of(RESIZE, ErrorCode.INTERNAL_ERROR, "command 'block_resize': .*" + text, condition);
  }

  private static Row of(int code, String text, Condition condition) {
    return of(ATTACH, code, text, condition);
  }

  private static Row of(Set<Call> calls, int code, String text, Condition condition) {
    return row(calls, code, text, condition, verdict(condition));
  }
}
