// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All the names that one storage has, as far as their text says it: two sources that have a name in
 * common are the same storage.
 */
final class SourceNames {

  /** What shows the storage of another process, whichever it is. */
  private static final Set<String> FRONTS =
      Set.of(
          "nbd",
          "ssh",
          "vhostuser",
          "vhostvdpa",
          StorageSource.VHOST_SCSI,
          StorageSource.COMMAND_LINE);

  /** {@code POOL/unit:BUS:TARGET:LUN}. */
  private static final Pattern POOL_UNIT = Pattern.compile(".*/unit:\\d+:\\d+:(\\d+)");

  private static final Pattern LUN_NAME = Pattern.compile("(.+)/0*(\\d+)");

  /** The image of old disks, whose options are in the name: {@code rbd:POOL/IMAGE:id=…}. */
  private static final Pattern WITH_OPTIONS = Pattern.compile("(?:rbd:)?((?:[^:\\\\]|\\\\.)+).*");

  /** What udev puts in the place of a character that it does not take in the name of a link. */
  private static final Pattern NOT_IN_LINKS = Pattern.compile("[^\\p{L}\\p{N}#+.:=@_/\\\\-]");

  /** The kind of the name of a file or a device. */
  private static final String PATH = "path";

  private SourceNames() {}

  /** A kind and a name in the spelling of {@link StorageSource#canonicalName()}. */
  private record Name(String kind, String name) {}

  static boolean isSame(StorageSource one, StorageSource other) {
    if (one.kind().equals(other.kind()) && one.canonicalName().equals(other.canonicalName())) {
      return true;
    }
    List<Name> names = names(one);
    return names(other).stream().anyMatch(names::contains);
  }

  /**
   * One name for all spellings of a storage: what a device path tells comes before the path, and of
   * two numbers of a LUN the smaller one, which is without the bits of the flat space.
   */
  static SourceIdentity one(StorageSource source) {
    List<Name> names = names(source);
    Name name =
        names.stream()
            .filter(each -> !each.kind().equals(PATH))
            .min(
                Comparator.comparingInt((Name each) -> each.name().length())
                    .thenComparing(Name::name))
            .or(() -> names.stream().findFirst())
            .orElseGet(() -> new Name(source.kind(), source.canonicalName()));
    return name.kind().equals(PATH)
        ? new SourceIdentity("file", "", name.name())
        : new SourceIdentity(name.kind(), "", name.name());
  }

  static boolean isTold(StorageSource source) {
    StorageSource known = source.known();
    String path = DevicePaths.normal(known.name());
    return switch (known.kind()) {
      case "volume", StorageSource.SCSI_HOST -> false;
      case "file", "block" ->
          !DevicePaths.told(path).isEmpty()
              || !(canBe("rbd", known.kind(), path) || canBe("iscsi", known.kind(), path));
      default -> !FRONTS.contains(known.kind());
    };
  }

  static Likeness likeness(SourceIdentity identity, StorageSource source) {
    StorageSource sought = new StorageSource(identity.kind(), identity.name(), null, List.of());
    if (isSame(sought, source)) {
      return Likeness.SAME;
    }
    StorageSource known = source.known();
    if (known.devices().stream().anyMatch(device -> mayBe(identity, device))) {
      return Likeness.SUSPECT;
    }
    String kind = known.kind();
    if (kind.equals("rbd") || kind.equals("iscsi")) {
      return kind.equals(identity.kind()) && isSpelledOddly(sought, known)
          ? Likeness.SUSPECT
          : Likeness.OTHER;
    }
    if (kind.equals(StorageSource.SCSI_HOST)) {
      return canBeScsi(identity) ? Likeness.UNTOLD : Likeness.OTHER;
    }
    if (kind.equals("volume") || FRONTS.contains(kind)) {
      return hints(identity, known) ? Likeness.SUSPECT : Likeness.UNTOLD;
    }
    if (isPath(kind)) {
      return ofPath(identity, sought, kind, DevicePaths.normal(known.name()));
    }
    return Likeness.OTHER;
  }

  private static boolean mayBe(SourceIdentity identity, StorageSource device) {
    Likeness likeness = likeness(identity, device);
    return likeness == Likeness.SAME || likeness == Likeness.SUSPECT;
  }

  /** A LUN of the host can be one of iSCSI, an image that a gateway exports, or a path's device. */
  private static boolean canBeScsi(SourceIdentity identity) {
    return switch (identity.kind()) {
      case "iscsi", "rbd" -> true;
      case "file", "block" -> DevicePaths.isDevice(identity.name());
      default -> false;
    };
  }

  private static boolean canBe(String kind, String pathKind, String path) {
    return DevicePaths.canBe(kind, path, pathKind.equals("block"));
  }

  static Likeness likeness(StorageSource one, StorageSource other) {
    if (!one.isNamed() || !other.isNamed()) {
      return Likeness.OTHER;
    }
    if (isSame(one, other)) {
      return Likeness.SAME;
    }
    List<Likeness> found = List.of(likeness(one(one), other), likeness(one(other), one));
    return Stream.of(Likeness.SUSPECT, Likeness.UNTOLD)
        .filter(found::contains)
        .findFirst()
        .orElse(Likeness.OTHER);
  }

  private static Likeness ofPath(
      SourceIdentity identity, StorageSource sought, String kind, String path) {
    String linked = NOT_IN_LINKS.matcher(identity.name()).replaceAll("_");
    boolean likely =
        isSame(sought, new StorageSource("block", DevicePaths.whole(path), null, List.of()))
            || (identity.kind().equals("rbd") && path.equals("/dev/rbd/" + linked));
    if (likely) {
      return Likeness.SUSPECT;
    }
    if (!DevicePaths.told(path).isEmpty()) {
      return Likeness.OTHER;
    }
    boolean canBe =
        isPath(identity.kind())
            ? DevicePaths.isDevice(identity.name())
                && (DevicePaths.isDevice(path) || kind.equals("block"))
            : canBe(identity.kind(), kind, path);
    if (!canBe) {
      return Likeness.OTHER;
    }
    return hints(identity, new StorageSource("block", path, null, List.of()))
        ? Likeness.SUSPECT
        : Likeness.UNTOLD;
  }

  private static boolean isPath(String kind) {
    return kind.equals("file") || kind.equals("block");
  }

  private static List<Name> names(StorageSource source) {
    StorageSource known = source.known();
    List<Name> names = new ArrayList<>();
    String name = known.canonicalName();
    switch (known.kind()) {
      case "rbd" -> names.add(new Name("rbd", name.replaceAll("/{2,}", "/")));
      case "iscsi" -> lunNames(name).forEach(lun -> names.add(new Name("iscsi", lun)));
      case "file", "block" -> {
        String path = DevicePaths.normal(name);
        if (!path.isEmpty()) {
          names.add(new Name(PATH, path));
        }
        DevicePaths.told(path).forEach(told -> names.addAll(names(told)));
      }
      default -> names.add(new Name(known.kind(), name));
    }
    names.removeIf(each -> each.name().isEmpty());
    return names;
  }

  /** A LUN by its number, and without the bits of the flat space, which the kernel's number has. */
  private static Set<String> lunNames(String name) {
    Matcher matcher = LUN_NAME.matcher(name);
    if (!matcher.matches()) {
      return Set.of(name);
    }
    String target = matcher.group(1) + "/";
    String number = matcher.group(2);
    return Stream.of(number, DevicePaths.withoutFlatSpace(number))
        .map(target::concat)
        .collect(Collectors.toSet());
  }

  /** A name that libvirt or QEMU would not take, or not any more, and that means this storage. */
  private static boolean isSpelledOddly(StorageSource sought, StorageSource source) {
    String name = source.canonicalName();
    if (source.kind().equals("iscsi")) {
      return target(name).equals(target(sought.canonicalName()))
          && !LUN_NAME.matcher(name).matches();
    }
    Matcher options = WITH_OPTIONS.matcher(name);
    return options.matches()
        && !options.group(1).equals(name)
        && isSame(sought, new StorageSource("rbd", options.group(1), null, List.of()));
  }

  private static String target(String name) {
    return name.split("/", 2)[0];
  }

  /** Whether a name that does not tell contains what makes the storage's. */
  private static boolean hints(SourceIdentity identity, StorageSource source) {
    String text = source.name().toLowerCase(Locale.ROOT);
    String name = identity.name().toLowerCase(Locale.ROOT);
    return switch (identity.kind()) {
      case "iscsi" -> text.contains(target(name)) || hasUnitOf(text, name);
      case "rbd" -> {
        String[] parts = name.split("@", 2)[0].split("/", -1);
        String image = parts[parts.length - 1];
        yield source.kind().equals("volume")
            ? text.endsWith("/" + image)
            : hasWord(text, parts[0]) && hasWord(text, image);
      }
      case "file" -> source.kind().equals("volume") && text.endsWith(lastPart(name));
      default -> false;
    };
  }

  /** Whether a volume is called as pools of iSCSI call theirs, and has the number of the LUN. */
  private static boolean hasUnitOf(String volume, String lunName) {
    Matcher unit = POOL_UNIT.matcher(volume);
    return unit.matches()
        && !Collections.disjoint(
            lunNames(target(lunName) + "/" + unit.group(1)), lunNames(lunName));
  }

  private static String lastPart(String path) {
    return path.substring(path.lastIndexOf('/') + 1).isEmpty()
        ? path
        : path.substring(path.lastIndexOf('/'));
  }

  private static boolean hasWord(String text, String word) {
    return Pattern.compile("(?<![a-z0-9])" + Pattern.quote(word) + "(?![a-z0-9])")
        .matcher(text)
        .find();
  }
}
