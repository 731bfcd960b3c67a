// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.observe;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * What every log line of a request has in MDC, the backends' and the listener's lines included.
 * Immutable. The keys and their values are documented in the guide.
 */
public final class RequestMdc {

  static final String DOMAIN = "diskplug.domain";
  static final String VOLUME = "diskplug.volume";
  static final String REQUEST = "diskplug.request";

  private static final List<String> KEYS = List.of(DOMAIN, VOLUME, REQUEST);

  private final Map<String, String> values;

  private RequestMdc(Map<String, String> values) {
    this.values = values;
  }

  static RequestMdc of(String request, String domain, @Nullable String volume) {
    Map<String, String> values = new HashMap<>();
    values.put(REQUEST, request);
    values.put(DOMAIN, domain);
    if (volume != null) {
      values.put(VOLUME, volume);
    }
    return new RequestMdc(values);
  }

  /** What this thread has, to be taken to another one. */
  public static RequestMdc ofThisThread() {
    Map<String, String> values = new HashMap<>();
    for (String key : KEYS) {
      String value = MDC.get(key);
      if (value != null) {
        values.put(key, value);
      }
    }
    return new RequestMdc(values);
  }

  /** Runs something with these values, and restores afterwards what the thread had before. */
  public void during(Runnable task) {
    RequestMdc before = ofThisThread();
    set();
    try {
      task.run();
    } finally {
      before.set();
    }
  }

  /** For the rest of what {@link #during} runs, if it runs with another value of this request. */
  void replaceOwn() {
    if (Objects.equals(values.get(REQUEST), MDC.get(REQUEST))) {
      set();
    }
  }

  private void set() {
    for (String key : KEYS) {
      String value = values.get(key);
      if (value == null) {
        MDC.remove(key);
      } else {
        MDC.put(key, value);
      }
    }
  }
}
