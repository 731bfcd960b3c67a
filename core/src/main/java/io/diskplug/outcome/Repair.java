// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import java.util.Objects;
import java.util.Optional;

/**
 * One thing to mend, named by what an inspection has shown. It is looked for again, and left alone
 * if it is not the same any more. Immutable.
 */
public final class Repair {

  /** What is done. */
  public enum Kind {
    /** A disk that one view has is added to the other. */
    ADD,
    /** A disk that one of two views has is removed from it. */
    REMOVE,
    /** A disk is detached from every view. */
    DETACH,
    /** A ghost is taken out of QEMU. */
    EVICT,
    /** The annotation of an unplug is removed from the domain. */
    FORGET
  }

  private final Kind kind;
  private final Optional<View> view;
  private final Optional<Disk> disk;
  private final Optional<Ghost> ghost;
  private final Optional<String> unplug;

  private Repair(
      Kind kind,
      Optional<View> view,
      Optional<Disk> disk,
      Optional<Ghost> ghost,
      Optional<String> unplug) {
    this.kind = kind;
    this.view = view;
    this.disk = disk;
    this.ghost = ghost;
    this.unplug = unplug;
  }

  /**
   * Adds a disk that one view has to the other, at the same place, with the same element.
   *
   * @param to the view that it is added to: {@link View#PERSISTENT} keeps it over the next start,
   *     {@link View#LIVE} plugs it into the running guest
   * @param disk the disk as the other view has it
   */
  public static Repair add(View to, Disk disk) {
    return of(Kind.ADD, Optional.of(to), disk);
  }

  /**
   * Removes a disk that one of two views has and the other has not. From the live view it is
   * removed as a detach does: the guest is asked, and QEMU after it.
   *
   * @param from the view that has it
   * @param disk the disk as that view has it
   */
  public static Repair remove(View from, Disk disk) {
    return of(Kind.REMOVE, Optional.of(from), disk);
  }

  /**
   * Detaches a disk from every view that has it, whichever tool attached it: the only way in which
   * this library removes a disk of another tool that was not adopted. It is done as a detach of a
   * volume is. A view whose disk differs in target dev, source, serial, address or user alias keeps
   * it: that one has to be named by itself.
   *
   * @param disk the disk as one of the views has it
   */
  public static Repair detach(Disk disk) {
    return of(Kind.DETACH, Optional.empty(), disk);
  }

  /**
   * Takes out of QEMU what no view explains, after it was proven again.
   *
   * @param ghost as it was listed
   */
  public static Repair evict(Ghost ghost) {
    return new Repair(
        Kind.EVICT, Optional.empty(), Optional.empty(), Optional.of(ghost), Optional.empty());
  }

  /**
   * Forgets an unplug that is noted in the domain, and is stale or of a disk that is gone. A note
   * that is not stale, and whose disk the live view still has, is {@code Rejected(CONFLICT)}.
   *
   * @param key the note, as {@link NotedUnplug#key} names it
   */
  public static Repair forget(String key) {
    return new Repair(
        Kind.FORGET, Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(key));
  }

  private static Repair of(Kind kind, Optional<View> view, Disk disk) {
    return new Repair(kind, view, Optional.of(disk), Optional.empty(), Optional.empty());
  }

  /** What is done. */
  public Kind kind() {
    return kind;
  }

  /** The view that the disk is added to, or removed from. */
  public Optional<View> view() {
    return view;
  }

  /** The disk that is added, removed or detached. */
  public Optional<Disk> disk() {
    return disk;
  }

  /** The ghost that is evicted. */
  public Optional<Ghost> ghost() {
    return ghost;
  }

  /** The key of the unplug that is forgotten. */
  public Optional<String> unplug() {
    return unplug;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Repair repair
        && kind == repair.kind
        && view.equals(repair.view)
        && disk.equals(repair.disk)
        && ghost.equals(repair.ghost)
        && unplug.equals(repair.unplug);
  }

  @Override
  public int hashCode() {
    return Objects.hash(kind, view, disk, ghost, unplug);
  }

  /** In words: {@code add vdb=pool/image to the PERSISTENT view}. */
  @Override
  public String toString() {
    return switch (kind) {
      case ADD -> "add " + diskText() + " to the " + view.orElseThrow() + " view";
      case REMOVE -> "remove " + diskText() + " from the " + view.orElseThrow() + " view";
      case DETACH -> "detach " + diskText();
      case EVICT -> "evict " + ghost.orElseThrow().name();
      case FORGET -> "forget the unplug " + unplug.orElseThrow();
    };
  }

  private String diskText() {
    return disk.map(it -> it.targetDev() + "=" + it.source().canonicalName()).orElseThrow();
  }
}
