// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.collect;

import java.util.AbstractList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A list that does not change and is made when it is first looked at. Explanations take far longer
 * to write than placements to find, and few are read.
 *
 * <p>Threads that look at the same time may each make the list; they get equal ones.
 */
public final class LazyList<E> extends AbstractList<E> {

  private final Supplier<List<E>> maker;
  private volatile @Nullable List<E> made;

  /**
   * A list that the maker makes.
   *
   * @param maker depends on nothing that changes
   */
  public LazyList(Supplier<List<E>> maker) {
    this.maker = maker;
  }

  /** The list itself if it is lazy, else a copy. */
  public static <E> List<E> copyOf(List<E> list) {
    return list instanceof LazyList<E> ? list : List.copyOf(list);
  }

  @Override
  public E get(int index) {
    return list().get(index);
  }

  @Override
  public int size() {
    return list().size();
  }

  private List<E> list() {
    List<E> list = made;
    if (list == null) {
      list = List.copyOf(maker.get());
      made = list;
    }
    return list;
  }
}
