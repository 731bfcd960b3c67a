// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.qemu;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** QEMU's JSON as maps, lists and strings; numbers and truth values as their text. */
final class QemuJson {

  private static final JsonFactory FACTORY = new JsonFactory();

  private QemuJson() {}

  /** The entries of the list that a QMP command returned. */
  static List<Map<String, Object>> returnedList(String answer) throws UnexpectedAnswerException {
    Object parsed = parse(answer);
    if (parsed instanceof Map<?, ?> map && map.containsKey("error")) {
      throw new UnexpectedAnswerException(
          "QEMU has answered with an error, as it does for all disks together if it cannot read"
              + " one of them");
    }
    if (!(parsed instanceof Map<?, ?> map) || !(map.get("return") instanceof List<?> list)) {
      // The answer itself is not quoted: it can name what does not belong in a log.
      throw new UnexpectedAnswerException("QEMU's answer has no list under \"return\"");
    }
    List<Map<String, Object>> entries = new ArrayList<>();
    for (Object entry : list) {
      entries.add(object(entry).orElseThrow(() -> new UnexpectedAnswerException("no object")));
    }
    return entries;
  }

  /** The object that the text is. */
  static Map<String, Object> object(String text) throws UnexpectedAnswerException {
    return object(parse(text)).orElseThrow(() -> new UnexpectedAnswerException("no object"));
  }

  /** The value as an object, if it is one. */
  @SuppressWarnings("unchecked") // objects are made below, with strings for keys
  static Optional<Map<String, Object>> object(@Nullable Object value) {
    return value instanceof Map<?, ?> ? Optional.of((Map<String, Object>) value) : Optional.empty();
  }

  private static @Nullable Object parse(String text) throws UnexpectedAnswerException {
    try (JsonParser parser = FACTORY.createParser(text)) {
      parser.nextToken();
      return value(parser);
    } catch (IOException e) {
      throw new UnexpectedAnswerException("QEMU's answer is no JSON");
    }
  }

  private static @Nullable Object value(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      Map<String, Object> object = new LinkedHashMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        Object value = value(parser);
        if (value != null) {
          object.put(name, value);
        }
      }
      return object;
    }
    if (token == JsonToken.START_ARRAY) {
      List<Object> list = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        Object value = value(parser);
        if (value != null) {
          list.add(value);
        }
      }
      return list;
    }
    return token == null || token == JsonToken.VALUE_NULL ? null : parser.getText();
  }
}
