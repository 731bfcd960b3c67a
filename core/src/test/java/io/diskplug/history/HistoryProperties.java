// SPDX-License-Identifier: Apache-2.0
package io.diskplug.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.sim.EventDelivery;
import io.diskplug.sim.Generation;
import io.diskplug.sim.GuestBehaviour;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.state.Action;
import net.jqwik.api.state.ActionChain;
import net.jqwik.api.state.ActionChainArbitrary;
import net.jqwik.api.state.Transformer;

/**
 * After any history every promise holds, and repeating the last request for each volume brings it
 * to where it was wanted. How many histories, {@code -Djqwik.tries.default} says.
 */
class HistoryProperties {

  private static final int MOST_ACTIONS = 40;

  /** What happened in all histories together, which tells whether anything did. */
  private static final Map<String, Integer> TALLY = new TreeMap<>();

  @AfterContainer
  static void tell() {
    System.out.println("histories: " + TALLY);
  }

  @Property(edgeCases = EdgeCasesMode.NONE)
  void everyPromiseHoldsAfterQuietDays(@ForAll("quietDays") ActionChain<World> history) {
    check(history);
  }

  @Property(edgeCases = EdgeCasesMode.NONE)
  void everyPromiseHoldsAfterBadDays(@ForAll("badDays") ActionChain<World> history) {
    check(history);
  }

  @Property(edgeCases = EdgeCasesMode.NONE)
  void everyPromiseHoldsAfterTheWorstDays(@ForAll("worstDays") ActionChain<World> history) {
    check(history);
  }

  @Property(edgeCases = EdgeCasesMode.NONE)
  void everyPromiseHoldsInEveryState(@ForAll("anyStates") ActionChain<World> history) {
    check(history);
  }

  private static void check(ActionChain<World> history) {
    World world = history.run();
    world.heal();
    world.converge();
    world.tally.forEach((what, times) -> TALLY.merge(what, times, Integer::sum));
    assertThat(world.audit.violations()).as("%s", world).isEmpty();
  }

  /** Requests, and guests who answer when they like. */
  @Provide
  Arbitrary<ActionChain<World>> quietDays() {
    return ofGenerations(
        generation ->
            days(
                () -> new World(true, generation),
                Incident.OTHERS_GO_ON,
                Incident.GUEST_ANSWERS,
                Incident.FAULT));
  }

  /** Processes die as well, and a SCSI controller has to be plugged. */
  @Provide
  Arbitrary<ActionChain<World>> badDays() {
    return ofGenerations(
        generation ->
            days(
                    () -> new World(false, generation),
                    Incident.OTHERS_GO_ON,
                    Incident.GUEST_ANSWERS,
                    Incident.FAULT,
                    Incident.CONTROLLER_DIES,
                    Incident.DAEMON_KILLED,
                    Incident.DAEMON_RESTARTED,
                    Incident.DAEMON_AWAY)
                .withAction(2, powers(World.Power.SUSPEND, World.Power.RESUME, World.Power.RESET)));
  }

  /** And everything else. */
  @Provide
  Arbitrary<ActionChain<World>> worstDays() {
    return ofGenerations(
        generation ->
            days(() -> new World(true, generation), Incident.values())
                .withAction(3, powers(World.Power.values()))
                .withAction(
                    1,
                    independent(
                        Arbitraries.of(EventDelivery.class)
                            .map(delivery -> mutate("events", world -> world.events(delivery))))));
  }

  /**
   * Requests to domains in every state that libvirt has a name for, one without SCSI controller.
   */
  @Provide
  Arbitrary<ActionChain<World>> anyStates() {
    return ofGenerations(HistoryProperties::anyStates);
  }

  /**
   * Histories of each set of facts; of one alone if {@code -Ddiskplug.generation} names it.
   *
   * @param histories makes those of one
   */
  private static Arbitrary<ActionChain<World>> ofGenerations(
      Function<Generation, Arbitrary<ActionChain<World>>> histories) {
    String only = System.getProperty("diskplug.generation");
    List<Generation> wanted =
        Generation.ALL.stream()
            .filter(generation -> only == null || generation.name().equals(only))
            .toList();
    return Arbitraries.of(wanted).flatMap(histories);
  }

  private static Arbitrary<ActionChain<World>> anyStates(Generation generation) {
    return ActionChain.startWith(() -> new World(false, generation))
        .withAction(
            10,
            independent(
                Combinators.combine(controllers(), volumes(), Arbitraries.integers())
                    .as(
                        (c, v, n) ->
                            mutate("in any state", world -> world.requestInAnyState(c, v, n)))))
        .withAction(
            8,
            independent(
                Arbitraries.integers()
                    .between(1, 12)
                    .map(n -> mutate("go on", world -> world.goOn(n)))))
        .withAction(
            4,
            independent(
                Arbitraries.of(20, 300, 3000)
                    .map(n -> mutate("pass", world -> world.pass(Duration.ofMillis(n))))))
        .withMaxTransformations(MOST_ACTIONS);
  }

  private static ActionChainArbitrary<World> days(
      Supplier<World> beginning, Incident... incidents) {
    return ActionChain.startWith(beginning)
        .withAction(
            6,
            independent(
                Combinators.combine(controllers(), volumes())
                    .as((c, v) -> mutate("attach " + v, world -> world.attach(c, v)))))
        .withAction(
            6,
            independent(
                Combinators.combine(controllers(), volumes())
                    .as((c, v) -> mutate("detach " + v, world -> world.detach(c, v)))))
        .withAction(
            2,
            independent(
                Combinators.combine(controllers(), volumes(), Arbitraries.integers().between(0, 2))
                    .as((c, v, n) -> mutate("limit " + v, world -> world.limit(c, v, n)))))
        .withAction(
            1,
            independent(
                Combinators.combine(controllers(), volumes(), Arbitraries.of(World.Growth.class))
                    .as((c, v, g) -> mutate("grow " + v, world -> world.grow(c, v, g)))))
        .withAction(
            1,
            independent(
                Combinators.combine(controllers(), domains())
                    .as((c, d) -> mutate("repair " + d, world -> world.repair(c, d)))))
        .withAction(
            8,
            independent(
                Combinators.combine(
                        Arbitraries.of(incidents),
                        Arbitraries.integers().between(0, 25),
                        Arbitraries.integers())
                    .as((i, n, c) -> mutate(i + " in " + n, world -> world.plan(i, n, c)))))
        .withAction(
            6,
            independent(
                Arbitraries.integers()
                    .between(1, 6)
                    .map(n -> mutate("go on", world -> world.goOn(n)))))
        .withAction(
            4,
            independent(
                Arbitraries.of(20, 300, 3000, 12_000)
                    .map(n -> mutate("pass", world -> world.pass(Duration.ofMillis(n))))))
        .withAction(
            2,
            independent(
                Combinators.combine(domains(), Arbitraries.of(GuestBehaviour.class))
                    .as((d, g) -> mutate("guest " + g, world -> world.guest(d, g)))))
        .withAction(
            1, independent(domains().map(d -> mutate("op", world -> world.operatorAttaches(d)))))
        .withAction(
            1, independent(domains().map(d -> mutate("op", world -> world.operatorDetaches(d)))))
        .withMaxTransformations(MOST_ACTIONS);
  }

  private static Action.Independent<World> powers(World.Power... powers) {
    return independent(
        Combinators.combine(domains(), Arbitraries.of(powers))
            .as((d, p) -> mutate("power " + p, world -> world.power(d, p))));
  }

  private static Action.Independent<World> independent(Arbitrary<Transformer<World>> transformers) {
    return () -> transformers;
  }

  private static Transformer<World> mutate(
      String description, java.util.function.Consumer<World> consumer) {
    return Transformer.mutate(description, consumer);
  }

  private static Arbitrary<Integer> controllers() {
    return Arbitraries.integers().between(0, World.CONTROLLERS - 1);
  }

  private static Arbitrary<Integer> volumes() {
    return Arbitraries.integers().between(0, World.VOLUMES - 1);
  }

  private static Arbitrary<Integer> domains() {
    return Arbitraries.integers().between(0, World.DOMAINS - 1);
  }
}
