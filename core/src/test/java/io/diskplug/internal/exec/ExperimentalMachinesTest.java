// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.DISK;
import static io.diskplug.internal.exec.Requests.VOLUME;
import static io.diskplug.internal.exec.Requests.executor;
import static io.diskplug.internal.exec.Requests.expect;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.internal.observe.RecordedLogs;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Planned;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.event.Level;

class ExperimentalMachinesTest {

  private static final String PC = "arch='x86_64' machine='pc-i440fx-7.2'";

  private final RecordedLogs logs = RecordedLogs.from(Level.WARN);

  @AfterEach
  void stopRecording() {
    logs.close();
  }

  private static ScriptedDomain domain(String architecture, String machine) {
    ScriptedDomain domain = new ScriptedDomain();
    domain.xmlAnswer =
        (view, usual) ->
            usual.replace(PC, "arch='%s' machine='%s'".formatted(architecture, machine));
    return domain;
  }

  private List<String> warnings() {
    return logs.texts(Level.WARN).stream()
        .filter(line -> line.contains("is experimental"))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "ppc64le, pseries-7.2, pseries",
    "ppc64, pseries, pseries",
    "s390x, s390-ccw-virtio-7.2, s390-ccw",
  })
  void eachOutcomeSaysSoAndOneWarningForEachDomain(
      String architecture, String machine, String name) {
    ScriptedDomain first = domain(architecture, machine);
    ScriptedDomain second = domain(architecture, machine);
    Executor executor = executor(new SteppedTime(), first, second);
    String text =
        "the machine type "
            + name
            + " is experimental: it was tested on no hardware and with no QEMU";

    Planned planned =
        expect(Planned.class, executor.plan(first.ref(), List.of(DISK), DEADLINE).await());
    Attached attached =
        expect(Attached.class, executor.attach(first.ref(), DISK, DEADLINE).await());

    assertThat(planned.observed().experimental()).hasValue(text);
    assertThat(attached.observed().experimental()).hasValue(text);
    assertThat(attached.toString()).contains(text);
    assertThat(warnings())
        .singleElement()
        .isEqualTo("experimental uuid=" + first.uuid() + " explanation=\"" + text + "\"");

    assertThat(executor.detach(second.ref(), VOLUME, DEADLINE).await().observed().experimental())
        .hasValue(text);
    assertThat(warnings()).hasSize(2).last().asString().contains(second.uuid().toString());
  }

  @Test
  void aTestedMachineTypeIsNotWarnedOf() {
    ScriptedDomain domain = new ScriptedDomain();

    Attached attached =
        expect(
            Attached.class,
            executor(new SteppedTime(), domain).attach(domain.ref(), DISK, DEADLINE).await());

    assertThat(attached.observed().experimental()).isEmpty();
    assertThat(attached.toString()).doesNotContain("is experimental");
    assertThat(warnings()).isEmpty();
  }

  @Test
  void aDomainThatIsShutOffIsWarnedOfByItsConfiguration() {
    ScriptedDomain domain = domain("ppc64le", "pseries-7.2");
    domain.status(ScriptedDomain.SHUT_OFF);

    executor(new SteppedTime(), domain).attach(domain.ref(), DISK, DEADLINE).await();

    assertThat(warnings()).hasSize(1);
  }
}
