// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.kind.ExampleKind;
import io.diskplug.internal.qemu.QemuNode;
import io.diskplug.internal.qemu.QemuView;
import io.diskplug.internal.qemu.UnexpectedAnswerException;
import io.diskplug.local.FileDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** QEMU itself: its monitor, and its process. */
public final class QemuMonitor {

  private final Lab lab;
  private final Guest guest;

  public QemuMonitor(Lab lab, Guest guest) {
    this.lab = lab;
    this.guest = guest;
  }

  private String ask(String command) {
    return guest.askQemu(command);
  }

  private void must(String command) {
    assertThat(ask(command)).as(command).contains("\"return\"");
  }

  /** How often the file is open. */
  long opened(FileDisk disk) {
    String file = disk.file().toString();
    return read().sources().stream().filter(source -> source.name().equals(file)).count();
  }

  /** The uppermost block node that has the file open, or lies on the one that has. */
  String topNode(Path file) {
    List<QemuNode> stack =
        read().nodes().stream().filter(node -> node.file().equals(file.toString())).toList();
    return stack.stream()
        .filter(node -> node.source() == null)
        .findFirst()
        .or(() -> stack.stream().findFirst())
        .orElseThrow(() -> new AssertionError("QEMU does not have " + file))
        .name();
  }

  private QemuView read() {
    try {
      return QemuView.read(this::ask, ExampleKind.ALL);
    } catch (FaultException | UnexpectedAnswerException e) {
      throw new AssertionError(e);
    }
  }

  /** Whether it has a device of this id. */
  boolean hasDevice(String id) {
    return ask("{\"execute\":\"qom-list\",\"arguments\":{\"path\":\"/machine/peripheral\"}}")
        .contains("\"name\":\"" + id + "\"");
  }

  /**
   * Opens the file as libvirt does, without libvirt's knowledge: what is left of an attach in which
   * the daemon died.
   */
  void makeNodes(FileDisk disk, String name) {
    makeNodes(disk, name, "auto");
  }

  /** The same without QEMU's lock on the file: it can be opened once more, as an RBD image can. */
  void makeNodesWithoutLock(FileDisk disk, String name) {
    makeNodes(disk, name, "off");
  }

  private void makeNodes(FileDisk disk, String name, String locking) {
    must(
        "{'execute':'blockdev-add','arguments':{'driver':'file','filename':'%s','node-name':'%s-storage','locking':'%s'}}"
            .formatted(disk.file(), name, locking)
            .replace('\'', '"'));
    must(
        "{'execute':'blockdev-add','arguments':{'driver':'raw','file':'%1$s-storage','node-name':'%1$s-format'}}"
            .formatted(name)
            .replace('\'', '"'));
  }

  /** Plugs a device on such nodes, at the last port of a q35, which the library takes last. */
  void makeDevice(FileDisk disk, String nodes, String id) {
    must(
        "{'execute':'device_add','arguments':{'driver':'virtio-blk-pci','bus':'pci.8','drive':'%s-format','id':'%s','serial':'%s'}}"
            .formatted(nodes, id, disk.volumeId())
            .replace('\'', '"'));
  }

  /** The process of this start of the guest. */
  public ProcessHandle process() {
    Path file = lab.directory().resolve("run/libvirt/qemu/run").resolve(guest.name() + ".pid");
    try {
      return ProcessHandle.of(Long.parseLong(Files.readString(file).strip())).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stops the process, so that it answers nothing (SIGSTOP). */
  void freeze() {
    signal("STOP");
  }

  /** Lets it go on (SIGCONT). */
  void thaw() {
    signal("CONT");
  }

  /** Kills it (SIGKILL), and waits until it is gone. */
  public void kill() {
    ProcessHandle process = process();
    process.destroyForcibly();
    process.onExit().join();
  }

  private void signal(String name) {
    try {
      int exit =
          new ProcessBuilder("kill", "-" + name, Long.toString(process().pid())).start().waitFor();
      assertThat(exit).as("kill -" + name).isZero();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
