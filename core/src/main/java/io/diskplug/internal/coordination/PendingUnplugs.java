// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.coordination;

import io.diskplug.domain.DomainStatus;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.match.DiskSelector;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The unplug requests of this process, by what {@link DiskSelector#unplugKey} says and by the
 * device, that no guest has answered yet: so that a device has one outstanding request, whichever
 * process asks, and a disk that is about to leave is not called attached. Safe for use by several
 * threads.
 */
public final class PendingUnplugs {

  private final Scheduler scheduler;
  private final Map<Key, Unplug> requests = new ConcurrentHashMap<>();
  private final Map<UUID, Turn> turns = new ConcurrentHashMap<>();
  private final AtomicLong number = new AtomicLong();

  PendingUnplugs(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  private record Key(UUID domain, String key, String device) {}

  /** A request of this process that is about to ask, and until when the others leave it alone. */
  private record Turn(String key, long until) {}

  /**
   * A request that was made.
   *
   * @param start the start of the domain that it was made in: none outlives a power cycle
   * @param madeAt when it was made
   * @param repeatAt when it is worth repeating
   * @param name tells it from other requests for the device, of whichever process
   * @param devices the devices that there were; null if the guest was asked before, or by another
   *     process, or was told of anything else since
   * @param history how often it was made, and what was answered
   */
  public record Unplug(
      int start,
      long madeAt,
      long repeatAt,
      String name,
      @Nullable Set<String> devices,
      History history) {

    Unplug toldMore() {
      return new Unplug(start, madeAt, repeatAt, name, null, history);
    }

    public Unplug answered(String fault, boolean earlierUnanswered) {
      return new Unplug(
          start,
          madeAt,
          repeatAt,
          name,
          devices,
          new History(history.times(), history.firstAt(), fault, earlierUnanswered));
    }
  }

  /**
   * What became of the requests for a device so far.
   *
   * @param times how often the guest was asked
   * @param firstAt when it was asked first, by this process's clock
   * @param lastAnswer what QEMU answered to the last request; null if it has accepted it
   * @param earlierUnanswered whether QEMU has refused a request because an earlier one is not done
   */
  public record History(
      int times, long firstAt, @Nullable String lastAnswer, boolean earlierUnanswered) {

    /** Asked for the first time. */
    static History first(long now) {
      return new History(1, now, null, false);
    }

    private History again() {
      return new History(times + 1, firstAt, null, false);
    }
  }

  /** A name for a request of this process. */
  public String name(String process) {
    return process + "-" + number.incrementAndGet();
  }

  /** Whether a request has a name that this process has given. */
  static boolean isOwn(String request, String process) {
    return request.startsWith(process + "-");
  }

  /** Remembers a request, before it is made. */
  public void made(
      UUID domain,
      String key,
      String device,
      DomainStatus status,
      Duration repeatAfter,
      String name,
      Set<String> devices) {
    long now = scheduler.nanoTime();
    Optional<Unplug> before = outstanding(domain, key, device, status);
    History history = before.map(of -> of.history().again()).orElse(History.first(now));
    Key made = new Key(domain, key, device);
    requests.replaceAll(
        (of, unplug) ->
            of.domain().equals(domain) && !of.equals(made) ? unplug.toldMore() : unplug);
    remember(
        made,
        new Unplug(
            status.id(),
            now,
            now + repeatAfter.toNanos(),
            name,
            before.isPresent() ? null : devices,
            history));
    turnIsOver(domain, key);
  }

  /**
   * Another process has made a request: this one's is not repeated for a while at least.
   *
   * @param leave for how long
   * @param noted how often and since when the guest was asked, as the other process has noted it
   */
  public void madeByAnother(
      UUID domain,
      String key,
      String device,
      DomainStatus status,
      Duration leave,
      String name,
      History noted) {
    long now = scheduler.nanoTime();
    long until = now + leave.toNanos();
    Optional<Unplug> before = outstanding(domain, key, device, status);
    long repeatAt = before.map(Unplug::repeatAt).filter(own -> own - until > 0).orElse(until);
    remember(
        new Key(domain, key, device), new Unplug(status.id(), now, repeatAt, name, null, noted));
  }

  /**
   * QEMU has answered a request for a device with a fault, and the request is outstanding.
   *
   * @param earlierUnanswered whether it says that an earlier request is not done
   */
  public void answered(
      UUID domain, String key, String device, String fault, boolean earlierUnanswered) {
    requests.computeIfPresent(
        new Key(domain, key, device), (of, unplug) -> unplug.answered(fault, earlierUnanswered));
  }

  /**
   * A domain was read: the guest was told of whatever has come.
   *
   * @param devices the devices that there are; asked for only where a request is outstanding
   */
  public void saw(UUID domain, Supplier<Set<String>> devices) {
    requests.replaceAll(
        (of, unplug) ->
            of.domain().equals(domain)
                    && unplug.devices() != null
                    && !unplug.devices().containsAll(devices.get())
                ? unplug.toldMore()
                : unplug);
  }

  private void remember(Key key, Unplug unplug) {
    requests
        .values()
        .removeIf(
            old -> unplug.madeAt() - old.madeAt() > UnplugPolicy.REQUEST_REMEMBERED.toNanos());
    requests.put(key, unplug);
  }

  /** The request for a device that is outstanding in this start of the domain. */
  public Optional<Unplug> outstanding(UUID domain, String key, String device, DomainStatus status) {
    return Optional.ofNullable(requests.get(new Key(domain, key, device)))
        .filter(unplug -> unplug.start() == status.id());
  }

  /**
   * Whether the guest may have been told of anything else since it was asked for the device that is
   * gone: of another one, or of the same once more.
   *
   * @param now the devices that there are now
   */
  boolean mayHaveBeenToldMore(UUID domain, String key, DomainStatus status, Set<String> now) {
    return requests.entrySet().stream()
        .filter(of -> of.getKey().domain().equals(domain) && of.getKey().key().equals(key))
        .map(Map.Entry::getValue)
        .filter(unplug -> unplug.start() == status.id())
        .map(Unplug::devices)
        // None has come, and none has gone but the one.
        .noneMatch(
            before -> before != null && before.containsAll(now) && before.size() - now.size() <= 1);
  }

  /**
   * How long ago the guest was asked first for the disk of another volume, which it has not
   * released in this start.
   *
   * @param key names the unplug of the volume that does not count
   * @param device the device of the other one
   * @param request the request that is noted in the domain, of whichever process; empty if none is
   * @return empty if this process does not know of it
   */
  Optional<Duration> askedForAnother(
      UUID domain, String key, String device, DomainStatus status, String request) {
    long now = scheduler.nanoTime();
    return requests.entrySet().stream()
        .filter(of -> of.getKey().domain().equals(domain) && of.getKey().device().equals(device))
        .filter(of -> !of.getKey().key().equals(key) && of.getValue().start() == status.id())
        .map(Map.Entry::getValue)
        .filter(unplug -> request.isEmpty() || request.equals(unplug.name()))
        .map(unplug -> Duration.ofNanos(now - unplug.history().firstAt()))
        .min(Duration::compareTo);
  }

  /**
   * Of the requests of this process that want to ask the guest of a domain, one does so at a time.
   * The turn ends with {@link #made}, {@link #turnIsOver}, or after a few seconds.
   *
   * @return whether it is the turn of this one
   */
  public boolean takesTurn(UUID domain, String key) {
    long now = scheduler.nanoTime();
    Turn turn =
        turns.compute(
            domain,
            (of, before) ->
                before == null || before.key().equals(key) || now - before.until() >= 0
                    ? new Turn(key, now + UnplugPolicy.TURN.toNanos())
                    : before);
    return turn.key().equals(key);
  }

  /** The request of this process does not ask, or has asked. */
  public void turnIsOver(UUID domain, String key) {
    turns.computeIfPresent(domain, (of, turn) -> turn.key().equals(key) ? null : turn);
  }

  /** The device is gone, or the request came to nothing. */
  public void over(UUID domain, String key) {
    requests.keySet().removeIf(of -> of.domain().equals(domain) && of.key().equals(key));
  }
}
