// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import io.diskplug.domain.DiskBus;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;
import net.jqwik.api.arbitraries.StringArbitrary;

/** Any options that can be made, and what a reader of the disk must find of them. */
public final class GeneratedOptions {

  private static final Arbitrary<Boolean> CHOICE = Arbitraries.of(true, false);

  private GeneratedOptions() {}

  /** A word of at least one letter or digit; names take more characters, each its own. */
  public static StringArbitrary letters() {
    return Arbitraries.strings()
        .withCharRange('a', 'z')
        .withCharRange('A', 'Z')
        .withCharRange('0', '9')
        .ofMinLength(1);
  }

  /** Any. */
  public static Arbitrary<DiskOptions> any() {
    return Combinators.combine(
            Arbitraries.of(DiskBus.VIRTIO, DiskBus.SCSI),
            drivers(),
            tunes(),
            sizes().optional(),
            CHOICE,
            CHOICE)
        .as(
            (bus, driver, tune, sizes, readOnly, shareable) ->
                new DiskOptions(
                    bus,
                    bus == DiskBus.VIRTIO ? driver : withoutThreads(driver),
                    tune,
                    sizes,
                    readOnly,
                    shareable));
  }

  private static Arbitrary<Driver> drivers() {
    Arbitrary<Optional<Integer>> iothreads =
        Arbitraries.integers().between(1, Integer.MAX_VALUE).optional();
    Arbitrary<Optional<Integer>> queues = Arbitraries.integers().between(1, 1024).optional();
    return Combinators.combine(
            Arbitraries.of(CacheMode.class),
            Arbitraries.of(IoMode.class).optional(),
            Arbitraries.of(DiscardMode.class).optional(),
            Arbitraries.of(DetectZeroes.class).optional(),
            iothreads,
            queues)
        .as(
            (cache, io, discard, zeroes, iothread, queue) ->
                new Driver(
                    cache,
                    io.filter(mode -> mode != IoMode.NATIVE || cache.direct()),
                    discard,
                    zeroes.filter(
                        mode ->
                            mode != DetectZeroes.UNMAP
                                || discard.equals(Optional.of(DiscardMode.UNMAP))),
                    number(iothread),
                    number(queue)));
  }

  private static Driver withoutThreads(Driver driver) {
    return new Driver(
        driver.cache(),
        driver.io(),
        driver.discard(),
        driver.detectZeroes(),
        OptionalInt.empty(),
        OptionalInt.empty());
  }

  private static Arbitrary<BlockSizes> sizes() {
    Arbitrary<Integer> powers = Arbitraries.integers().between(9, 21).map(power -> 1 << power);
    return Combinators.combine(powers, powers)
        .as((one, other) -> new BlockSizes(Math.min(one, other), Math.max(one, other)));
  }

  /** Any limits. */
  public static Arbitrary<IoTune> tunes() {
    Arbitrary<IoLimit[]> kinds =
        Combinators.combine(CHOICE, limits(), limits())
            .as(
                (total, one, other) ->
                    total
                        ? new IoLimit[] {one, IoLimit.NONE, IoLimit.NONE}
                        : new IoLimit[] {IoLimit.NONE, one, other});
    Arbitrary<String> names =
        Arbitraries.strings().withCharRange('!', '~').ofMinLength(1).ofMaxLength(255);
    return Combinators.combine(
            kinds, kinds, Arbitraries.longs().between(0, IoLimit.MOST), names.optional())
        .as(
            (bytes, iops, size, name) -> {
              IoTune tune =
                  new IoTune(
                      bytes[0], bytes[1], bytes[2], iops[0], iops[1], iops[2], 0, Optional.empty());
              if (iops[0].isLimited() || iops[1].isLimited() || iops[2].isLimited()) {
                tune = tune.withSizeIopsSec(size);
              }
              return name.isPresent() && !tune.equals(IoTune.UNLIMITED)
                  ? tune.withGroupName(name.get())
                  : tune;
            });
  }

  private static Arbitrary<IoLimit> limits() {
    Arbitrary<Long> values =
        Arbitraries.frequencyOf(
            Tuple.of(1, Arbitraries.just(0L)),
            Tuple.of(3, Arbitraries.longs().between(1, IoLimit.MOST)));
    return Combinators.combine(values, values, Arbitraries.longs().between(0, 86_400))
        .as(
            (one, other, seconds) -> {
              long limit = Math.min(one, other);
              long burst = Math.max(one, other);
              return limit == 0
                  ? IoLimit.of(burst)
                  : IoLimit.of(limit)
                      .withBurst(
                          burst, Duration.ofSeconds(Math.min(seconds, IoLimit.MOST / burst)));
            });
  }

  private static OptionalInt number(Optional<Integer> value) {
    return value.isPresent() ? OptionalInt.of(value.get()) : OptionalInt.empty();
  }

  /** The attributes of {@code <driver>}. */
  public static Map<String, String> driver(DiskOptions options) {
    Driver driver = options.driver();
    Map<String, String> expected = new HashMap<>();
    expected.put("name", "qemu");
    expected.put("type", "raw");
    expected.put("cache", driver.cache().xmlName());
    driver.io().ifPresent(io -> expected.put("io", io.xmlName()));
    driver.discard().ifPresent(discard -> expected.put("discard", discard.xmlName()));
    driver.detectZeroes().ifPresent(zeroes -> expected.put("detect_zeroes", zeroes.xmlName()));
    driver.iothread().ifPresent(thread -> expected.put("iothread", Integer.toString(thread)));
    driver.queues().ifPresent(queues -> expected.put("queues", Integer.toString(queues)));
    return expected;
  }

  /** The elements of {@code <iotune>}. */
  public static Map<String, String> ioTune(DiskOptions options) {
    IoTune tune = options.ioTune();
    Map<String, String> expected = new HashMap<>();
    put(expected, "total_bytes_sec", tune.totalBytes());
    put(expected, "read_bytes_sec", tune.readBytes());
    put(expected, "write_bytes_sec", tune.writeBytes());
    put(expected, "total_iops_sec", tune.totalIops());
    put(expected, "read_iops_sec", tune.readIops());
    put(expected, "write_iops_sec", tune.writeIops());
    expected.put("size_iops_sec", Long.toString(tune.sizeIopsSec()));
    expected.values().removeIf("0"::equals);
    tune.groupName().ifPresent(name -> expected.put("group_name", name));
    return expected;
  }

  private static void put(Map<String, String> expected, String name, IoLimit limit) {
    expected.put(name, Long.toString(limit.perSecond()));
    expected.put(name + "_max", Long.toString(limit.burst()));
    expected.put(name + "_max_length", Long.toString(limit.burstLength().toSeconds()));
  }

  /** The attributes of {@code <blockio>}. */
  public static Map<String, String> blockIo(DiskOptions options) {
    Map<String, String> expected = new HashMap<>();
    options
        .blockSizes()
        .ifPresent(
            sizes -> {
              expected.put("logical_block_size", Integer.toString(sizes.logical()));
              expected.put("physical_block_size", Integer.toString(sizes.physical()));
            });
    return expected;
  }
}
