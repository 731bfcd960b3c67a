// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SignalTest {

  private final Signal signal = new Signal();
  private final List<String> heard = new ArrayList<>();

  @Test
  void aSignalRaisedBeforeIsHeardAtOnce() {
    signal.raise();
    signal.raise();
    signal.listen(() -> heard.add("first"));
    signal.listen(() -> heard.add("second"));

    assertThat(heard).containsExactly("first");
  }

  @Test
  void aListenerHearsOneSignal() {
    signal.listen(() -> heard.add("first"));
    assertThat(heard).isEmpty();

    signal.raise();
    signal.raise();

    assertThat(heard).containsExactly("first");
  }

  @Test
  void aSignalThatSomebodyHeardIsNotRemembered() {
    signal.listen(() -> heard.add("first"));
    signal.raise();

    signal.listen(() -> heard.add("second"));

    assertThat(heard).containsExactly("first");
  }

  @Test
  void whoHasStoppedHearsNothing() {
    signal.listen(() -> heard.add("first"));
    signal.stop();
    signal.raise();

    assertThat(heard).isEmpty();
  }

  @Test
  void aListenerMayListenAgain() {
    signal.listen(() -> signal.listen(() -> heard.add("again")));
    signal.raise();
    signal.raise();

    assertThat(heard).containsExactly("again");
  }
}
