// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.reason;

import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.RunState;
import io.diskplug.domain.StateReason;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Waiver;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What each state of a domain means for requests, as the guide's table has it. */
public final class StandingTable {

  private static final String HEAD =
      """
      | the domain | reasons | requests | a detach rests on | with a probe that says that no client has the volume |
      |---|---|---|---|---|
      """;

  private StandingTable() {}

  /** Every status that differs in what {@link Standing} looks at. */
  public static List<DomainStatus> everyStatus() {
    List<DomainStatus> all = new ArrayList<>();
    for (RunState state : RunState.values()) {
      Set<StateReason> reasons = EnumSet.copyOf(StateReason.of(state));
      reasons.add(StateReason.OTHER);
      for (StateReason reason : reasons) {
        if (state == RunState.SHUT_OFF) {
          all.add(new DomainStatus(state, reason, -1, true, false));
          all.add(new DomainStatus(state, reason, -1, true, true));
          all.add(new DomainStatus(state, reason, -1, true, false, 2));
        } else {
          all.add(new DomainStatus(state, reason, 1, true, false));
        }
      }
    }
    return all;
  }

  /** The table in Markdown, made from the code. */
  public static String markdown() {
    Map<String, Map<String, List<String>>> rows = new LinkedHashMap<>();
    for (DomainStatus status : everyStatus()) {
      rows.computeIfAbsent(kind(status), kind -> new LinkedHashMap<>())
          .computeIfAbsent(columns(status), columns -> new ArrayList<>())
          .add(status.reason().name());
    }
    StringBuilder table = new StringBuilder(HEAD);
    Map<String, List<String>> merged = new LinkedHashMap<>();
    rows.forEach(
        (kind, byColumns) ->
            byColumns.forEach(
                (columns, reasons) ->
                    merged
                        .computeIfAbsent(code(reasons) + " | " + columns, key -> new ArrayList<>())
                        .add(kind)));
    merged.forEach(
        (rest, kinds) ->
            table.append("| ").append(String.join(", ", kinds)).append(" | ").append(rest));
    return table.toString();
  }

  private static String code(List<String> reasons) {
    return reasons.stream().map(reason -> "`" + reason + "`").collect(Collectors.joining(", "));
  }

  private static String kind(DomainStatus status) {
    String state = "`" + status.state() + "`";
    if (status.managedSave()) {
      return state + " with a managed-save image";
    }
    return status.memorySnapshots() > 0 ? state + " with memory snapshots" : state;
  }

  private static String columns(DomainStatus status) {
    Standing standing = Standing.of(status, Set.of());
    if (standing instanceof Standing.Served served) {
      return "served | " + proofs(served.proof());
    }
    if (standing instanceof Standing.Changing) {
      return "`Unavailable(DOMAIN_CHANGING)` | | |\n";
    }
    Standing.Refused refused = (Standing.Refused) standing;
    for (Waiver waiver : Waiver.values()) {
      if (Standing.of(status, Set.of(waiver)) instanceof Standing.Served served) {
        return "`Rejected(%s)`; with `Waiver.%s` served | ".formatted(refused.reason(), waiver)
            + proofs(served.proof());
      }
    }
    return "`Rejected(%s)` | | |\n".formatted(refused.reason());
  }

  private static String proofs(Proof proof) {
    Proof withProbe = proof == Proof.QEMU ? Proof.QEMU : Proof.STORAGE;
    return "`%s` | `%s` |\n".formatted(proof, withProbe);
  }
}
