// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.observe;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMDCAdapter;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.simple.SimpleServiceProvider;
import org.slf4j.spi.MDCAdapter;

/**
 * The log lines of this library while a test records them, each with the MDC of its thread. The
 * build names {@link Provider} for the unit tests ({@code slf4j.provider} in core's pom).
 */
public final class RecordedLogs implements AutoCloseable {

  /**
   * A line.
   *
   * @param level its level
   * @param logger the name of its logger
   * @param text what it says
   * @param mdc the MDC of the thread that wrote it
   */
  public record Line(Level level, String logger, String text, Map<String, String> mdc) {}

  private static volatile @Nullable RecordedLogs recording;

  private final Level lowest;
  private final List<Line> lines = new CopyOnWriteArrayList<>();

  private RecordedLogs(Level lowest) {
    this.lowest = lowest;
  }

  /** Records what is logged at a level or above, until it is closed. */
  public static RecordedLogs from(Level lowest) {
    if (!(LoggerFactory.getILoggerFactory() instanceof Loggers)) {
      throw new IllegalStateException(
          "run it with -Dslf4j.provider=" + Provider.class.getName() + ", as the build does");
    }
    RecordedLogs logs = new RecordedLogs(lowest);
    recording = logs;
    return logs;
  }

  public List<Line> lines() {
    return List.copyOf(lines);
  }

  /** The texts of the lines of one level. */
  public List<String> texts(Level level) {
    return lines.stream().filter(line -> line.level() == level).map(Line::text).toList();
  }

  @Override
  public void close() {
    recording = null;
  }

  /** Loggers that write nothing, and an MDC, which slf4j-simple does not have. */
  public static final class Provider extends SimpleServiceProvider {
    private final Loggers loggers = new Loggers();
    private final MDCAdapter mdc = new BasicMDCAdapter();

    @Override
    public ILoggerFactory getLoggerFactory() {
      return loggers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
      return mdc;
    }

    @Override
    public void initialize() {}
  }

  private static final class Loggers implements ILoggerFactory {
    private final Map<String, Logger> loggers = new ConcurrentHashMap<>();

    @Override
    public Logger getLogger(String name) {
      return loggers.computeIfAbsent(name, Recorder::new);
    }
  }

  private static final class Recorder extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1L;

    Recorder(String name) {
      this.name = name;
    }

    private static boolean isRecorded(Level level) {
      RecordedLogs logs = recording;
      return logs != null && level.toInt() >= logs.lowest.toInt();
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
      return null;
    }

    @Override
    protected void handleNormalizedLoggingCall(
        Level level,
        @Nullable Marker marker,
        String message,
        Object @Nullable [] arguments,
        @Nullable Throwable thrown) {
      RecordedLogs logs = recording;
      if (logs != null) {
        String text = MessageFormatter.basicArrayFormat(message, arguments);
        Map<String, String> mdc = MDC.getCopyOfContextMap();
        logs.lines.add(
            new Line(
                level,
                name,
                thrown == null ? text : text + " " + thrown,
                mdc == null ? Map.of() : Map.copyOf(mdc)));
      }
    }

    @Override
    public boolean isTraceEnabled() {
      return isRecorded(Level.TRACE);
    }

    @Override
    public boolean isDebugEnabled() {
      return isRecorded(Level.DEBUG);
    }

    @Override
    public boolean isInfoEnabled() {
      return isRecorded(Level.INFO);
    }

    @Override
    public boolean isWarnEnabled() {
      return isRecorded(Level.WARN);
    }

    @Override
    public boolean isErrorEnabled() {
      return isRecorded(Level.ERROR);
    }
  }
}
