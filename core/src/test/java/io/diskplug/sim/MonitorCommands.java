// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.StorageSource;
import io.diskplug.internal.fault.FaultException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The commands of QEMU's monitor that this library uses, answered as QEMU does. */
final class MonitorCommands {

  private static final Pattern EXECUTE = Pattern.compile("\"execute\"\\s*:\\s*\"([^\"]*)\"");
  private static final Pattern NAME = Pattern.compile("\"(?:id|node-name)\"\\s*:\\s*\"([^\"]*)\"");

  /** What a guest is asked through the monitor goes past libvirt. */
  @FunctionalInterface
  interface Unplugging {
    void ask(String device) throws FaultException;
  }

  private MonitorCommands() {}

  static String answer(SimulatedQemu qemu, String command, Unplugging unplugging)
      throws FaultException {
    String name = first(EXECUTE, command);
    return switch (name) {
      case "query-named-block-nodes" -> returned(nodes(qemu));
      case "query-block" -> returned(blocks(qemu));
      case "query-jobs" -> returned(jobs(qemu));
      case "qom-list" -> returned(children(qemu));
      case "device_del" -> {
        String id = first(NAME, command);
        if (qemu.device(id) == null) {
          yield error("DeviceNotFound", "Device '" + id + "' not found");
        }
        try {
          unplugging.ask(id);
        } catch (FaultException e) {
          // libvirt puts its own words before those of QEMU.
          yield error("GenericError", e.fault().message().replaceFirst("^.*'device_del': ", ""));
        }
        yield "{\"return\":{},\"id\":\"libvirt-1\"}";
      }
      case "blockdev-del" -> {
        String node = first(NAME, command);
        yield qemu.close(node)
            ? "{\"return\":{},\"id\":\"libvirt-1\"}"
            : error("GenericError", "Node " + node + " is in use, or there is none");
      }
      default -> error("CommandNotFound", "The command " + name + " has not been found");
    };
  }

  private static String first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? matcher.group(1) : "";
  }

  private static String returned(List<String> entries) {
    return "{\"return\":[" + String.join(",", entries) + "],\"id\":\"libvirt-1\"}";
  }

  private static String error(String kind, String description) {
    return "{\"id\":\"libvirt-1\",\"error\":{\"class\":\"%s\",\"desc\":\"%s\"}}"
        .formatted(kind, description);
  }

  private static List<String> nodes(SimulatedQemu qemu) {
    List<String> entries = new ArrayList<>();
    for (SimulatedQemu.Node node : qemu.nodes()) {
      String driver = node.storage() ? driver(node.source()) : "raw";
      entries.add(
          "{\"node-name\":\"%s\",\"drv\":\"%s\",\"file\":\"%s\",\"ro\":false}"
              .formatted(node.name(), driver, file(node.source())));
    }
    return entries;
  }

  private static String driver(StorageSource source) {
    return source.kind().equals("block") ? "host_device" : source.kind();
  }

  private static String file(StorageSource source) {
    String[] parts = source.name().split("/", -1);
    String last = parts[parts.length - 1];
    String json =
        switch (source.kind()) {
          case "rbd" ->
              parts.length == 3
                  ? "{'driver':'rbd','pool':'%s','namespace':'%s','image':'%s'}"
                      .formatted(parts[0], parts[1], last)
                  : "{'driver':'rbd','pool':'%s','image':'%s'}".formatted(parts[0], last);
          case "iscsi" ->
              "{'driver':'iscsi','target':'%s','lun':%s}"
                  .formatted(parts[0], parts.length > 1 ? last : "0");
          case "nbd" ->
              "{'driver':'nbd','export':'%s','server.host':'nbd'}".formatted(source.name());
          default -> "";
        };
    return json.isEmpty() ? source.name() : "json:" + json.replace("'", "\\\"");
  }

  private static List<String> blocks(SimulatedQemu qemu) {
    List<String> entries = new ArrayList<>();
    for (SimulatedQemu.Device device : qemu.devices()) {
      String path =
          device.address() instanceof DriveAddress
              ? device.id()
              : "/machine/peripheral/" + device.id() + "/virtio-backend";
      entries.add(
          "{\"device\":\"\",\"qdev\":\"%s\",\"inserted\":{\"node-name\":\"%s\"}}"
              .formatted(path, device.node()));
    }
    return entries;
  }

  private static List<String> jobs(SimulatedQemu qemu) {
    return qemu.jobs().keySet().stream()
        .map("{\"id\":\"copy-%s-libvirt\",\"type\":\"mirror\",\"status\":\"ready\"}"::formatted)
        .toList();
  }

  private static List<String> children(SimulatedQemu qemu) {
    return Stream.concat(
            qemu.controllers().stream().sorted().map(id -> child(id, "virtio-scsi-pci")),
            qemu.devices().stream()
                .map(device -> child(device.id(), device.isPci() ? "virtio-blk-pci" : "scsi-hd")))
        .toList();
  }

  private static String child(String id, String type) {
    return "{\"name\":\"%s\",\"type\":\"child<%s>\"}".formatted(id, type);
  }
}
