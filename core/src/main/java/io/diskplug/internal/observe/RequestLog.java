// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.observe;

import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.outcome.Attempts;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Mended;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Repair;
import io.diskplug.outcome.RepairStep;
import io.diskplug.outcome.Repaired;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.PlugListener;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The log of requests: one INFO line for each change that was read back, one WARN line for what
 * needs an operator, DEBUG for the rest. Safe for use by several threads.
 */
final class RequestLog {

  private static final Logger log = LoggerFactory.getLogger("io.diskplug.request");

  /** So many requests in a row that came to nothing are no accident. */
  private static final int LASTING = 3;

  /** A call that takes longer than its request may be about to return; after this it hangs. */
  private static final Duration HANGING = Duration.ofSeconds(1);

  private static final int MOST_REMEMBERED = 2000;

  /** The caller has ended these; they say nothing of the domain. */
  private static final Set<Unavailable.Reason> ENDED_BY_CALLER =
      EnumSet.of(Unavailable.Reason.INTERRUPTED, Unavailable.Reason.CLOSED);

  /**
   * What a line is about.
   *
   * @param request the request
   * @param domain the UUID of the domain, once it is known
   * @param disk the disk of the volume as it was last seen, if it was
   */
  record Subject(PlugListener.Request request, @Nullable UUID domain, @Nullable Disk disk) {

    /** Kind and number: {@code attach-17}. */
    static String name(PlugListener.Request request) {
      return request.kind().name().toLowerCase(Locale.ROOT) + "-" + request.number();
    }

    /** The domain as the caller named it, without quotes. */
    static String asked(DomainRef ref) {
      return ref.byUuid().map(UUID::toString).or(ref::byName).orElseThrow();
    }

    private LogLine line(String what) {
      LogLine line =
          LogLine.of(what).with("request", name(request)).with("domain", asked(request.domain()));
      if (domain != null && request.domain().byUuid().isEmpty()) {
        line.with("uuid", domain);
      }
      request.volume().map(VolumeRef::id).ifPresent(id -> line.with("volume", id));
      return line;
    }
  }

  /** The requests that ask for the same. */
  private record Wish(PlugListener.Kind kind, DomainRef domain, Optional<VolumeRef> volume) {}

  /** How many of them in a row came to nothing; the one that was asked for last is kept longest. */
  private final Map<Wish, Integer> inVain = // guarded by itself
      new LinkedHashMap<>(16, 0.75f, /* accessOrder= */ true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Wish, Integer> eldest) {
          return size() > MOST_REMEMBERED;
        }
      };

  boolean tellsSteps() {
    return log.isDebugEnabled();
  }

  boolean tellsCalls() {
    return log.isTraceEnabled();
  }

  /** Something that happens on the way; to be asked for only if {@link #tellsSteps}. */
  void step(Subject subject, String what, String key, Object value) {
    log.debug("{}", subject.line(what).with(key, value));
  }

  /** A call has returned; to be asked for only if {@link #tellsCalls}. */
  void called(Subject subject, Call call, @Nullable LibvirtFault fault, Duration took) {
    LogLine line = subject.line("called").with("call", call);
    if (fault != null) {
      line.with("fault", fault);
    }
    log.trace("{}", line.took(took));
  }

  /** The request has ended, and its call has not returned. */
  void abandoned(Subject subject, Call call, Duration since) {
    log.atLevel(since.compareTo(HANGING) < 0 ? Level.DEBUG : Level.WARN)
        .log("{}", subject.line("call-hangs").with("call", call).took(since));
  }

  /** A step of a repair is done. */
  void mended(Subject subject, Repair repair, Mended outcome, Duration elapsed) {
    LogLine line = subject.line(VerifiedChange.word(subject.request().kind()));
    VerifiedChange.describe(line, repair, outcome);
    log.info("{}", line.took(elapsed));
  }

  /** A request has its outcome. */
  void finished(Subject subject, Outcome outcome, Duration elapsed) {
    int vain = countInVain(subject.request(), outcome);
    if (VerifiedChange.isOne(outcome)) {
      LogLine line = subject.line(VerifiedChange.word(subject.request().kind()));
      VerifiedChange.describe(line, outcome, Optional.ofNullable(subject.disk()));
      log.info("{}", line.took(elapsed));
    } else if (outcome.kind() == Outcome.Kind.NEVER) {
      log.warn("{}", explained(subject.line("rejected"), outcome).took(elapsed));
    } else if (isWorthAWarning(vain)) {
      LogLine line = explained(subject.line("lasting").with("requests", vain), outcome);
      outcome.observed().attempts().ifPresent(tried -> describe(line, tried));
      log.warn("{}", line.took(elapsed));
    } else if (log.isDebugEnabled()) {
      log.debug(
          "{}",
          subject
              .line("finished")
              .with("outcome", outcome.getClass().getSimpleName())
              .took(elapsed)
              .with("detail", outcome));
    }
  }

  /**
   * A request has no outcome. What was thrown is not quoted: it comes from a part that the caller
   * has brought, which may know a secret.
   */
  void failed(Subject subject, Throwable problem, Duration elapsed) {
    log.warn(
        "{}", subject.line("failed").with("problem", problem.getClass().getName()).took(elapsed));
  }

  /** The third in a row, and then ever more rarely: the sixth, the twelfth, … */
  private static boolean isWorthAWarning(int vain) {
    return vain % LASTING == 0 && Integer.bitCount(vain / LASTING) == 1;
  }

  private int countInVain(PlugListener.Request request, Outcome outcome) {
    Wish wish = new Wish(request.kind(), request.domain(), request.volume());
    synchronized (inVain) {
      if (outcome.kind() != Outcome.Kind.RETRY) {
        inVain.remove(wish);
        return 0;
      }
      return isEndedByCaller(outcome) ? 0 : inVain.merge(wish, 1, Integer::sum);
    }
  }

  private static boolean isEndedByCaller(Outcome outcome) {
    return (outcome instanceof Unavailable later && ENDED_BY_CALLER.contains(later.reason()))
        || (outcome instanceof Indeterminate unknown
            && (unknown.reason() == Indeterminate.Reason.INTERRUPTED
                || unknown.reason() == Indeterminate.Reason.CLOSED));
  }

  private static LogLine explained(LogLine line, Outcome outcome) {
    line.with("outcome", outcome.getClass().getSimpleName());
    if (outcome instanceof NotDone notDone) {
      return line.with("reason", reason(notDone)).with("explanation", notDone.explanation());
    }
    if (outcome instanceof Pending pending) {
      return line.with("reason", pending.waitingFor());
    }
    if (outcome instanceof Repaired repaired) {
      for (RepairStep step : repaired.steps()) {
        if (step.outcome() instanceof NotDone notDone) {
          // The first one; the outcome has them all.
          return line.with("reason", reason(notDone)).with("explanation", notDone.explanation());
        }
      }
    }
    return line;
  }

  private static Object reason(NotDone outcome) {
    if (outcome instanceof Rejected rejected) {
      return rejected.reason();
    }
    return outcome instanceof Unavailable later
        ? later.reason()
        : ((Indeterminate) outcome).reason();
  }

  /** What helps is not said twice: an explanation may say it, too. */
  private static void describe(LogLine line, Attempts tried) {
    line.with("tried", tried.times()).with("since", tried.since().toSeconds() + "s");
    if (!line.toString().contains(tried.advice())) {
      line.with("helps", tried.advice());
    }
  }
}
