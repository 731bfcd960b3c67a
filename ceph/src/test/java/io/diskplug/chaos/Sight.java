// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import io.diskplug.lab.Lab;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A domain as virsh and QEMU's own monitor show it, one after the other.
 *
 * @param live the live view
 * @param persistent the persistent view
 * @param devices the ids of QEMU's plugged devices
 * @param nodes QEMU's block nodes
 * @param nodesOfEach how many of them a raw image has: as a protocol and as a format, or as one
 */
record Sight(
    DomainXml live,
    DomainXml persistent,
    Set<String> devices,
    List<BlockNode> nodes,
    int nodesOfEach) {

  private static final int PATIENCE = 150;

  private static final Pattern NAME = Pattern.compile("\"name\":\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Pattern NODE_NAME = Pattern.compile("\"node-name\":\"([^\"]*)\"");
  private static final Pattern CHILDREN = Pattern.compile("\"children\":\\[[^\\]]*\\]");
  private static final Pattern NODE_FILE = Pattern.compile("\"file\":\"((?:[^\"\\\\]|\\\\.)*)\"");

  /**
   * A block node.
   *
   * @param name its name
   * @param file what it has open, in QEMU's words, with JSON's escapes
   */
  record BlockNode(String name, String file) {}

  /** Looks at a domain that runs; empty if something did not answer, or it does not run. */
  static Optional<Sight> of(Lab lab, Machine machine) {
    String name = machine.name();
    Lab.Result state = lab.tryVirsh("domstate", name);
    if (state.exitCode() != 0 || !Set.of("running", "paused").contains(state.output())) {
      return Optional.empty();
    }
    List<Lab.Result> answers = new ArrayList<>();
    answers.add(lab.tryVirsh("dumpxml", name));
    answers.add(lab.tryVirsh("dumpxml", "--inactive", name));
    answers.add(
        ask(
            lab,
            name,
            "{\"execute\":\"qom-list\",\"arguments\":{\"path\":\"/machine/peripheral\"}}"));
    answers.add(
        ask(lab, name, "{\"execute\":\"query-named-block-nodes\",\"arguments\":{\"flat\":true}}"));
    if (answers.stream().anyMatch(answer -> answer.exitCode() != 0)) {
      return Optional.empty();
    }
    String devices = answers.get(2).output();
    String nodes = answers.get(3).output();
    if (!devices.contains("\"return\"") || !nodes.contains("\"return\"")) {
      return Optional.empty();
    }
    return Optional.of(
        new Sight(
            DomainXml.parse(answers.get(0).output()),
            DomainXml.parse(answers.get(1).output()),
            devicesIn(devices),
            nodesIn(nodes),
            lab.generation().rawDiskIsOneNode() ? 1 : 2));
  }

  /**
   * The same, as soon as it answers.
   *
   * @throws AssertionError if it does not, or has ended
   */
  static Sight await(Lab lab, Machine machine) {
    Optional<Sight> sight = of(lab, machine);
    for (int i = 0; i < PATIENCE && sight.isEmpty() && !hasEnded(lab, machine); i++) {
      Sleep.millis(200);
      sight = of(lab, machine);
    }
    return sight.orElseThrow(() -> new AssertionError("cannot look at " + machine));
  }

  /** What virsh prints of a command without arguments. */
  static String answer(Lab lab, Machine machine, String command) {
    return ask(lab, machine.name(), "{\"execute\":\"" + command + "\"}").output();
  }

  private static boolean hasEnded(Lab lab, Machine machine) {
    return lab.tryVirsh("domstate", machine.name()).output().equals("shut off");
  }

  private static Lab.Result ask(Lab lab, String name, String command) {
    return lab.tryVirsh("qemu-monitor-command", name, command);
  }

  private static Set<String> devicesIn(String answer) {
    Set<String> names = new TreeSet<>();
    NAME.matcher(answer).results().forEach(match -> names.add(match.group(1)));
    names.remove("type");
    return names;
  }

  /** Each node has one name and one file; from QEMU 10 on it also names the nodes below it. */
  private static List<BlockNode> nodesIn(String told) {
    String answer = CHILDREN.matcher(told).replaceAll("");
    List<BlockNode> nodes = new ArrayList<>();
    Matcher name = NODE_NAME.matcher(answer);
    Matcher file = NODE_FILE.matcher(answer);
    while (name.find()) {
      if (!file.find()) {
        throw new IllegalArgumentException("a block node without a file: " + answer);
      }
      nodes.add(new BlockNode(name.group(1), file.group(1)));
    }
    if (file.find()) {
      throw new IllegalArgumentException("a block node without a name: " + answer);
    }
    return nodes;
  }

  List<String> nodesOf(Volume volume) {
    return nodes.stream()
        .filter(node -> volume.isOpenAs(node.file()))
        .map(BlockNode::name)
        .toList();
  }

  /** Where the volume is, in words; empty if it is nowhere. */
  List<String> tracesOf(Volume volume, String inXml, String alias) {
    List<String> traces = new ArrayList<>();
    live.disksOf(inXml).forEach(disk -> traces.add("live " + disk));
    persistent.disksOf(inXml).forEach(disk -> traces.add("persistent " + disk));
    nodesOf(volume).forEach(node -> traces.add("block node " + node));
    if (devices.contains(alias)) {
      traces.add("device " + alias);
    }
    return traces;
  }

  /** What is missing of an attached volume, in words; empty if nothing is. */
  List<String> missingOf(Volume volume, String inXml, String alias) {
    List<String> missing = new ArrayList<>();
    int inLive = live.disksOf(inXml).size();
    int inPersistent = persistent.disksOf(inXml).size();
    if (inLive != 1 || inPersistent != 1) {
      missing.add(
          "disks in the live view: " + inLive + ", in the persistent view: " + inPersistent);
    }
    if (!devices.contains(alias)) {
      missing.add("QEMU has no device " + alias);
    }
    if (nodesOf(volume).size() < nodesOfEach) {
      missing.add("QEMU's block nodes of it: " + nodesOf(volume));
    }
    return missing;
  }
}
