// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import io.diskplug.domain.View;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Both views of one domain, read together.
 *
 * @param live the live view, or null while the domain is shut off
 * @param persistent the persistent view, or null for a transient domain
 */
public record DomainViews(@Nullable DomainView live, @Nullable DomainView persistent) {

  /**
   * Checks that the two are views of one domain.
   *
   * @throws IllegalArgumentException if both are null, one is in the other's place, or their UUIDs
   *     differ
   */
  public DomainViews {
    if (live == null && persistent == null) {
      throw new IllegalArgumentException("a domain has a live view, a persistent view, or both");
    }
    if (live != null && live.view() != View.LIVE) {
      throw new IllegalArgumentException("not a live view: " + live.view());
    }
    if (persistent != null && persistent.view() != View.PERSISTENT) {
      throw new IllegalArgumentException("not a persistent view: " + persistent.view());
    }
    if (live != null && persistent != null && !live.uuid().equals(persistent.uuid())) {
      throw new IllegalArgumentException(
          "views of two domains: " + live.uuid() + " and " + persistent.uuid());
    }
  }

  /** The views that apply: one or two, the live one first. */
  public List<DomainView> present() {
    List<DomainView> views = new ArrayList<>(2);
    if (live != null) {
      views.add(live);
    }
    if (persistent != null) {
      views.add(persistent);
    }
    return List.copyOf(views);
  }

  /** The kinds of the views that apply. */
  public Set<View> kinds() {
    Set<View> kinds = EnumSet.noneOf(View.class);
    present().forEach(view -> kinds.add(view.view()));
    return kinds;
  }

  /**
   * The view of the given kind, if it applies.
   *
   * @param kind which view
   */
  public Optional<DomainView> of(View kind) {
    return Optional.ofNullable(kind == View.LIVE ? live : persistent);
  }
}
