// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.domain.StorageSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What holds disks of a domain besides what its daemon shows: a managed-save image, a file that it
 * was saved to, snapshots with memory, and QEMU processes that the daemon does not know, on this
 * host or on another. Guarded by the host's lock.
 */
final class OtherHolders {

  /**
   * The memory of a domain with the disks that it had.
   *
   * @param disks its live view
   * @param notes its live metadata
   * @param asked the devices that its guest was asked to release and has not answered for
   */
  record Saved(Definition disks, Map<String, String> notes, Set<String> asked) {
    Saved {
      notes = new TreeMap<>(notes);
      asked = new TreeSet<>(asked);
    }
  }

  /**
   * A QEMU process that the daemon does not know.
   *
   * @param process the process
   * @param state what the daemon knew of its domain when it lost sight of the process
   */
  record Stray(SimulatedQemu process, Saved state) {}

  private @Nullable Saved managed;
  private @Nullable Saved file;
  private int memorySnapshots;
  private final List<Stray> strays = new ArrayList<>();

  /** The managed-save image. */
  @Nullable Saved managed() {
    return managed;
  }

  void managed(@Nullable Saved image) {
    managed = image;
  }

  /** The file that the domain was saved to. */
  @Nullable Saved file() {
    return file;
  }

  void file(@Nullable Saved state) {
    file = state;
  }

  int memorySnapshots() {
    return memorySnapshots;
  }

  void memorySnapshots(int number) {
    memorySnapshots = number;
  }

  /** The QEMU processes that the daemon does not know. */
  List<Stray> strays() {
    return strays;
  }

  /** The sources that are held, one for each holder. */
  List<StorageSource> sources() {
    Stream<StorageSource> saved =
        Stream.of(managed, file)
            .flatMap(Stream::ofNullable)
            .flatMap(state -> state.disks().disks().stream())
            .map(DiskDefinition::source);
    return Stream.concat(saved, openSources().stream()).toList();
  }

  /** The sources that QEMU processes have open which the daemon does not know. */
  List<StorageSource> openSources() {
    return strays.stream()
        .flatMap(stray -> stray.process().nodes().stream())
        .filter(SimulatedQemu.Node::storage)
        .map(SimulatedQemu.Node::source)
        .toList();
  }
}
