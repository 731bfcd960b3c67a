// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static java.util.stream.Collectors.joining;

import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.View;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** A guest of the lab, seen through its own console and through virsh. */
public final class Guest implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Pattern DISK =
      Pattern.compile("(\\w+),serial=([^,]*),size=(\\d+),addr=(\\S+)");

  private static final Pattern PAGES =
      Pattern.compile("GUEST-PAGES (\\w+),80=([0-9a-f]*),83=([0-9a-f]*)");

  private static final Pattern DISK_ELEMENT = Pattern.compile("<disk .*?</disk>", Pattern.DOTALL);

  private static final Pattern REFUSED_LOAD =
      Pattern.compile("Unknown savevm section or instance|load of migration failed");

  /** QEMU 11.1 leaves out "savevm". */
  private static final Pattern OTHER_DEVICES =
      Pattern.compile("Unknown (?:savevm )?section or instance|pcie-root-port");

  /** What QEMU says itself: its command line is in the log, too, and names its devices. */
  private static final String QEMUS_WORDS = "qemu-system-x86_64: ";

  private static final String FIRMWARE = "SeaBIOS (version";
  private static final String DISKS = "GUEST-DISKS ";
  private static final String DRIVERS = "GUEST-BOOTING";
  private static final String READY = "GUEST-READY";

  private final Lab lab;
  private final String name;
  private final UUID uuid;

  private Guest(Lab lab, String name, UUID uuid) {
    this.lab = lab;
    this.name = name;
    this.uuid = uuid;
  }

  /** Defines a guest, starts it, and returns when it has booted. */
  public static Guest boot(Lab lab, String machine) {
    return add(lab, machine);
  }

  /** Starts a guest without a persistent view, and returns when it has booted. */
  public static Guest bootTransient(Lab lab, String machine) {
    Guest guest = add(lab, machine);
    lab.virsh("undefine", guest.name);
    return guest;
  }

  /** Starts a guest paused: it has not booted, and answers nothing. */
  public static Guest startPaused(Lab lab, String machine) {
    return add(lab, machine, "--paused");
  }

  /** Defines a guest, which is shut off. */
  public static Guest define(Lab lab, String machine) {
    return add(lab, machine, "--defined");
  }

  private static Guest add(Lab lab, String machine, String... options) {
    String name = Lab.unique(machine);
    List<String> command = new ArrayList<>(List.of("guest", "add", name, machine));
    command.addAll(List.of(options));
    String output = lab.run(command.toArray(String[]::new));
    String lastLine = output.substring(output.lastIndexOf('\n') + 1).strip();
    return new Guest(lab, name, UUID.fromString(lastLine));
  }

  public String name() {
    return name;
  }

  public UUID uuid() {
    return uuid;
  }

  public DomainRef ref() {
    return DomainRef.uuid(uuid);
  }

  /** A disk as the guest itself sees it. */
  public record SeenDisk(String device, String serial, long size, String address) {}

  /** The disks that the guest sees now, in its own words. */
  public List<SeenDisk> sees() {
    List<SeenDisk> disks = new ArrayList<>();
    Matcher matcher = DISK.matcher(saidDisks());
    while (matcher.find()) {
      disks.add(
          new SeenDisk(
              matcher.group(1),
              matcher.group(2),
              Long.parseLong(matcher.group(3)),
              matcher.group(4)));
    }
    return disks;
  }

  /** What it has said last of its disks in the boot that it is in, as {@code guest disks} does. */
  private String saidDisks() {
    String last = null;
    for (String line : console()) {
      if (line.contains(FIRMWARE)) {
        last = null;
      } else if (line.startsWith(DISKS)) {
        last = line;
      }
    }
    if (last == null) {
      throw new AssertionError("guest " + name + " has said nothing about disks");
    }
    return last;
  }

  /** The serials of live disks that the guest does not see: it may be working on them. */
  public List<String> doesNotSee() {
    return DomainXmlReader.readDomain(xml(View.LIVE), View.LIVE).disks().stream()
        .map(Disk::serial)
        .filter(Objects::nonNull)
        .filter(serial -> find(serial).isEmpty())
        .toList();
  }

  /** Waits until the guest sees a disk with this serial, or what it shows of it. */
  public SeenDisk awaitDisk(String serial) {
    return Awaitility.await("the guest sees " + serial)
        .atMost(PATIENCE)
        .until(() -> find(serial), Optional::isPresent)
        .orElseThrow();
  }

  /** Waits until the guest sees no disk with this serial. */
  public void awaitNoDisk(String serial) {
    Awaitility.await("the guest sees no " + serial)
        .atMost(PATIENCE)
        .until(() -> find(serial), Optional::isEmpty);
  }

  /**
   * Waits until neither the guest nor libvirt shows a disk that the guest was asked for: with
   * native PCI Express hot-plug QEMU drops it a second after the guest has.
   */
  public void awaitReleased(String serial) {
    awaitNoDisk(serial);
    Awaitility.await(serial + " is not live")
        .atMost(PATIENCE)
        .until(() -> diskWithSerial(View.LIVE, serial).isEmpty());
  }

  /** Waits until the guest sees a disk with this size. */
  public void awaitSize(String serial, long size) {
    Awaitility.await("the guest sees " + serial + " with " + size + " bytes")
        .atMost(PATIENCE)
        .until(() -> find(serial).filter(disk -> disk.size() == size).isPresent());
  }

  private Optional<SeenDisk> find(String serial) {
    Predicate<SeenDisk> same = disk -> !disk.serial().isEmpty() && serial.startsWith(disk.serial());
    return sees().stream().filter(same).findFirst();
  }

  /**
   * What a SCSI disk of the guest calls itself in the pages of its product data.
   *
   * @param device the guest's name of the disk
   * @param serial the text of page 0x80
   * @param identifier the text of the first identifier of page 0x83, which is of the kind that udev
   *     makes a link of
   */
  public record Pages(String device, String serial, String identifier) {}

  /** The pages of the disk that came last under a name, in the guest's own words. */
  public Pages pages(String device) {
    Pages last = null;
    for (String line : console()) {
      Matcher matcher = PAGES.matcher(line);
      if (matcher.find() && matcher.group(1).equals(device)) {
        last = pages(device, bytes(matcher.group(2)), bytes(matcher.group(3)));
      }
    }
    if (last == null) {
      throw new AssertionError("the guest has not told the pages of " + device);
    }
    return last;
  }

  private static Pages pages(String device, byte[] page80, byte[] page83) {
    // Four bytes in front of each page, and of each identifier; code set 2 is ASCII, type 0 is
    // specific to the vendor.
    if (page83[4] != 2 || page83[5] != 0) {
      throw new AssertionError("an identifier of another kind: " + page83[4] + ", " + page83[5]);
    }
    return new Pages(
        device,
        new String(page80, 4, page80.length - 4, StandardCharsets.US_ASCII),
        new String(page83, 8, page83[7], StandardCharsets.US_ASCII));
  }

  private static byte[] bytes(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  public String xml(View view) {
    return view == View.LIVE
        ? lab.virsh("dumpxml", name)
        : lab.virsh("dumpxml", "--inactive", name);
  }

  /** The view as the library reads it. */
  public DomainView read(View view) {
    return DomainXmlReader.readDomain(xml(view), view);
  }

  public Optional<Disk> diskWithSerial(View view, String serial) {
    return read(view).disks().stream().filter(disk -> serial.equals(disk.serial())).findFirst();
  }

  /** The {@code <disk>} element with this serial, as virsh shows it. */
  public String diskElement(View view, String serial) {
    Matcher matcher = DISK_ELEMENT.matcher(xml(view));
    while (matcher.find()) {
      if (matcher.group().contains("<serial>" + serial + "</serial>")) {
        return matcher.group();
      }
    }
    throw new AssertionError("no disk with serial " + serial + " in the " + view + " view");
  }

  public void pause() {
    lab.virsh("suspend", name);
  }

  public void resume() {
    lab.virsh("resume", name);
  }

  /** Starts it again, and returns when it has booted. */
  public void start() {
    booting(() -> lab.virsh("start", name));
  }

  /** Does something that lets it boot, and returns when it has booted. */
  public void booting(Runnable action) {
    long boots = boots();
    action.run();
    Awaitility.await("the guest has booted")
        .atMost(Duration.ofSeconds(90))
        .pollInterval(Duration.ofMillis(100))
        .until(() -> boots() > boots && hasSaidItsDisks());
  }

  /** Starts it, and returns when it has loaded its drivers: it has not said its disks yet. */
  public void startUntilDrivers() {
    long before = linesWith(DRIVERS);
    lab.virsh("start", name);
    Awaitility.await("the guest has loaded its drivers")
        .atMost(Duration.ofSeconds(90))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> linesWith(DRIVERS) > before);
  }

  private long linesWith(String text) {
    return console().stream().filter(line -> line.contains(text)).count();
  }

  private int lastLineWith(String text) {
    List<String> console = console();
    int last = console.size() - 1;
    while (last >= 0 && !console.get(last).contains(text)) {
      last--;
    }
    return last;
  }

  /** How often it has booted: its console keeps what every boot said. */
  long boots() {
    return linesWith(READY);
  }

  /** Whether it has said in this boot which disks it has. */
  private boolean hasSaidItsDisks() {
    return lastLineWith(DISKS) > lastLineWith(READY);
  }

  private List<String> console() {
    Path console = lab.directory().resolve("guest").resolve(name + ".console");
    if (!Files.exists(console)) {
      return List.of();
    }
    try {
      // A guest may say anything before it is ready.
      String said = Files.readString(console, StandardCharsets.ISO_8859_1);
      // What it has not said to the end of the line is not complete.
      return said.substring(0, said.lastIndexOf('\n') + 1).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether it boots after a reset. */
  public boolean comesBackFromReset() {
    return !name.startsWith("q35") || lab.facts().q35ComesBackFromReset();
  }

  /**
   * Whether QEMU has refused what was saved of the domain because it had a device then that no view
   * showed, a ghost: it does not know the device, or the port that the device sat in has another
   * state. libvirt hands on as much of QEMU's words as was there in time, at times the last line
   * alone; the rest is in QEMU's log.
   */
  public boolean isRefusedForAGhost(Lab.Result start) {
    return start.exitCode() != 0
        && REFUSED_LOAD.matcher(start.output()).find()
        && OTHER_DEVICES.matcher(start.output() + wordsSinceLastStart()).find();
  }

  private String wordsSinceLastStart() {
    Path log = lab.directory().resolve("home/cache/libvirt/qemu/log/" + name + ".log");
    try {
      String all = Files.readString(log, StandardCharsets.UTF_8);
      return all.substring(Math.max(0, all.lastIndexOf(": starting up")))
          .lines()
          .filter(line -> line.contains(QEMUS_WORDS))
          .collect(joining("\n"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What QEMU's monitor answers. */
  public String askQemu(String command) {
    return lab.virsh("qemu-monitor-command", name, command);
  }

  /** Whether QEMU has a file open, for whatever. */
  public boolean qemuHolds(Path file) {
    // A name that goes on is that of another file.
    return Pattern.compile(Pattern.quote(file.toString()) + "(?![\\w.-])")
        .matcher(askQemu("{\"execute\":\"query-named-block-nodes\"}"))
        .find();
  }

  public void destroy() {
    lab.virsh("destroy", name);
  }

  /** What another actor does: virsh with a device in a file. */
  public Lab.Result device(String command, String xml, String... options) {
    try {
      Path file = Files.createTempFile("device", ".xml");
      try {
        Files.writeString(file, xml);
        List<String> words = new ArrayList<>(List.of(command, name, file.toString()));
        words.addAll(List.of(options));
        return lab.tryVirsh(words.toArray(String[]::new));
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same, where it must succeed. */
  public void deviceOk(String command, String xml, String... options) {
    Lab.Result result = device(command, xml, options);
    if (result.exitCode() != 0) {
      throw new AssertionError(command + " failed: " + result.output());
    }
  }

  @Override
  public void close() {
    // A transient domain is gone as soon as it stops, and with it what there is to remove.
    if (lab.virsh("dominfo", name).matches("(?s).*Persistent: +no.*")) {
      destroy();
    } else {
      lab.run("guest", "rm", name);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
