// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import io.diskplug.lab.Lab;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What must hold at every moment of the load: looks at all domains again and again. */
final class Sampler {

  private final Lab lab;
  private final List<Machine> machines;
  private final Wishes wishes;
  private final List<Actor> actors;
  private final Violations violations;
  private final Tally tally;
  private Set<String> suspected = new HashSet<>();

  Sampler(
      Lab lab,
      List<Machine> machines,
      Wishes wishes,
      List<Actor> actors,
      Violations violations,
      Tally tally) {
    this.lab = lab;
    this.machines = machines;
    this.wishes = wishes;
    this.actors = actors;
    this.violations = violations;
    this.tally = tally;
  }

  void sample() {
    actors.forEach(actor -> actor.lost().forEach(lost -> violations.add(Promise.S5, lost)));
    List<Wish> all = wishes.all();
    List<Set<String>> where = new ArrayList<>();
    all.forEach(wish -> where.add(new HashSet<>()));
    for (Machine machine : machines) {
      Optional<Sight> sight = Sight.of(lab, machine);
      if (sight.isEmpty()) {
        continue;
      }
      for (DomainXml view : List.of(sight.get().live(), sight.get().persistent())) {
        view.attachedTwice().forEach(twice -> violations.add(Promise.S1, machine + ": " + twice));
        view.usedTwice().forEach(twice -> violations.add(Promise.S2, machine + ": " + twice));
        for (int i = 0; i < all.size(); i++) {
          if (!view.disksOf(all.get(i).volume().inXml(lab)).isEmpty()) {
            where.get(i).add(machine.name());
          }
        }
      }
    }
    tally.count("samples");
    acrossDomains(all, where);
  }

  /**
   * The domains are read one after the other: a volume that moves meanwhile can be seen on two. It
   * takes two readings to be sure, between which nothing was done about it.
   */
  private void acrossDomains(List<Wish> all, List<Set<String>> where) {
    Set<String> now = new HashSet<>();
    for (int i = 0; i < all.size(); i++) {
      if (where.get(i).size() > 1) {
        String seen =
            all.get(i).volume() + " version " + all.get(i).version + " on " + where.get(i);
        now.add(seen);
        if (suspected.contains(seen)) {
          violations.add(Promise.S1, seen);
        }
      }
    }
    suspected = now;
  }
}
