// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import io.diskplug.domain.StorageSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The storage that arguments of QEMU name, which libvirt hands on as they are ({@code
 * <qemu:commandline>}). Only pool, namespace, image, snapshot, target, LUN, path and driver are
 * taken from an argument: the rest can hold keys and passwords.
 */
public final class CommandLine {

  private static final String DEVICE = "device";

  /** Devices whose storage another process has, which is behind a socket or the host's kernel. */
  private static final Pattern VHOST = Pattern.compile("vhost-(?:user-blk|user-scsi|scsi).*");

  /** QEMU's options that open storage, and {@link #DEVICE}. */
  private static final Set<String> OPTIONS =
      Set.of(
          DEVICE,
          "drive",
          "blockdev",
          "hda",
          "hdb",
          "hdc",
          "hdd",
          "cdrom",
          "fda",
          "fdb",
          "sd",
          "mtdblock",
          "pflash");

  /** {@code rbd:POOL/[NAMESPACE/]IMAGE[@SNAPSHOT][:OPTION=VALUE]...}, of block/rbd.c. */
  private static final Pattern RBD = Pattern.compile("rbd:([^:]+).*", Pattern.DOTALL);

  /** {@code iscsi://[USER[%PASSWORD]@]HOST[:PORT]/TARGET/LUN}, of libiscsi. */
  private static final Pattern ISCSI =
      Pattern.compile("iscsi://[^/]*/([^/]+/[^/?]+).*", Pattern.DOTALL);

  private final String argument;

  private CommandLine(String argument) {
    this.argument = argument;
  }

  /**
   * The storage that is named, in the order of the arguments.
   *
   * @param arguments the arguments, as QEMU gets them
   */
  public static List<StorageSource> storage(List<String> arguments) {
    List<StorageSource> named = new ArrayList<>();
    for (int i = 0; i + 1 < arguments.size(); i++) {
      String option = arguments.get(i);
      if (option.startsWith("-") && OPTIONS.contains(option.replaceFirst("^--?", ""))) {
        i++;
        new CommandLine(arguments.get(i)).source(option).ifPresent(named::add);
      }
    }
    return named;
  }

  /** What one argument names. */
  private Optional<StorageSource> source(String option) {
    String driver = value("driver").orElse("");
    if (option.endsWith("-" + DEVICE)) {
      String name = driver.isEmpty() ? argument.split(",", 2)[0] : driver;
      return VHOST.matcher(name).matches()
          ? told(StorageSource.COMMAND_LINE, name)
          : Optional.empty();
    }
    Optional<StorageSource> url = fileName(option).flatMap(CommandLine::ofFileName);
    if (url.isPresent()) {
      return url;
    }
    Optional<String> image = value("image");
    Optional<String> pool = value("pool");
    if (driver.equals("rbd") || (pool.isPresent() && image.isPresent())) {
      String snapshot = value("snapshot").map(name -> "@" + name).orElse("");
      return told("rbd", join(pool, value("namespace"), image) + snapshot);
    }
    Optional<String> target = value("target");
    if (target.isPresent()) {
      return told("iscsi", join(target, value("lun").or(() -> Optional.of("0"))));
    }
    // A node of a format or a filter lies on a node that has an argument of its own.
    boolean isOnAnotherNode = value("file").isPresent();
    return driver.isEmpty() || isOnAnotherNode
        ? Optional.empty()
        : told(StorageSource.COMMAND_LINE, driver);
  }

  /** The name of a file or the URL: an option of its own, or the whole argument. */
  private Optional<String> fileName(String option) {
    Optional<String> file = value("filename").or(() -> value("file"));
    boolean hasOptions = option.endsWith("drive") || option.endsWith("blockdev");
    return hasOptions
        ? file.filter(name -> name.matches("(?s)/.*|[a-z]+:.*"))
        : Optional.of(argument);
  }

  private static Optional<StorageSource> ofFileName(String name) {
    Matcher rbd = RBD.matcher(name);
    Matcher iscsi = ISCSI.matcher(name);
    if (rbd.matches()) {
      return told("rbd", rbd.group(1));
    } else if (iscsi.matches()) {
      return told("iscsi", iscsi.group(1));
    } else if (name.startsWith("/")) {
      return told("file", name);
    } else if (name.startsWith("file:/")) {
      return told("file", name.substring("file:".length()));
    } else if (name.startsWith("json:")) {
      return new CommandLine(name.substring("json:".length())).source("-blockdev");
    }
    int colon = name.indexOf(':');
    return colon < 0
        ? Optional.empty()
        : told(StorageSource.COMMAND_LINE, name.substring(0, colon));
  }

  /** A value of the argument, which is JSON or a list of {@code KEY=VALUE}. */
  private Optional<String> value(String key) {
    boolean json = argument.stripLeading().startsWith("{");
    Matcher found =
        json
            ? Pattern.compile("\"" + key + "\"\\s*:\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|(\\d+))")
                .matcher(argument)
            : Pattern.compile("(?:^|(?<=[^,],)|(?<=,,,))(?:file\\.)*" + key + "=((?:[^,]|,,)*)()")
                .matcher(argument);
    if (!found.find()) {
      return Optional.empty();
    }
    String value = found.group(1) == null ? found.group(2) : found.group(1);
    return Optional.of(json ? value.replace("\\/", "/") : value.replace(",,", ","));
  }

  @SafeVarargs
  private static String join(Optional<String>... parts) {
    List<String> present = new ArrayList<>();
    for (Optional<String> part : parts) {
      part.filter(text -> !text.isEmpty()).ifPresent(present::add);
    }
    return String.join("/", present);
  }

  private static Optional<StorageSource> told(String kind, String name) {
    return Optional.of(new StorageSource(kind, name, null, List.of()));
  }
}
