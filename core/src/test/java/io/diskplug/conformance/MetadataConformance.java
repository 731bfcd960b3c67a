// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static io.diskplug.conformance.Subject.IN_CONFIG;
import static io.diskplug.conformance.Subject.IN_LIVE;
import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.View;
import io.diskplug.internal.fault.Condition;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is noted in a domain, and how long it lasts. */
public abstract class MetadataConformance extends ConformanceSuite {

  private static final String ONE = "urn:diskplug-conformance:one";
  private static final String TWO = "urn:diskplug-conformance:two";

  @AfterEach
  void forget() throws Exception {
    pc().handle().note(ONE, null);
    pc().handle().note(TWO, null);
  }

  private static Map<String, Map<String, String>> notes(Subject subject, View view)
      throws Exception {
    return DomainXmlReader.metadata(subject.handle().xml(view));
  }

  @Test
  void aNoteIsInTheLiveViewAlone() throws Exception {
    Subject pc = pc();

    pc.handle().note(ONE, "<entry a='1' b='two'/>");

    assertThat(notes(pc, LIVE)).containsEntry(ONE, Map.of("a", "1", "b", "two"));
    assertThat(notes(pc, PERSISTENT)).doesNotContainKey(ONE);
  }

  @Test
  void aNamespaceHasOneElementAndTheLastOneStays() throws Exception {
    Subject pc = pc();
    pc.handle().note(ONE, "<entry a='1'/>");

    pc.handle().note(ONE, "<other b='2'/>");

    assertThat(notes(pc, LIVE)).containsEntry(ONE, Map.of("b", "2"));
  }

  @Test
  void namespacesDoNotTouchEachOther() throws Exception {
    Subject pc = pc();
    pc.handle().note(ONE, "<entry a='1'/>");
    pc.handle().note(TWO, "<entry a='2'/>");

    pc.handle().note(ONE, null);

    assertThat(notes(pc, LIVE)).doesNotContainKey(ONE).containsEntry(TWO, Map.of("a", "2"));
  }

  @Test
  void whatIsNotNotedCanBeTakenAway() throws Exception {
    Subject pc = pc();

    pc.handle().note(ONE, null);

    assertThat(notes(pc, LIVE)).doesNotContainKey(ONE);
  }

  @Test
  void othersReplaceANoteToo() throws Exception {
    Subject pc = pc();
    pc.handle().note(ONE, "<entry a='1'/>");

    pc.machine().setMetadata(ONE, "<theirs c='3'/>", IN_LIVE);

    assertThat(notes(pc, LIVE)).containsEntry(ONE, Map.of("c", "3"));
    pc.machine().setMetadata(ONE, "", IN_LIVE);
    assertThat(notes(pc, LIVE)).doesNotContainKey(ONE);
  }

  @Test
  void thePersistentViewHasItsOwn() throws Exception {
    Subject pc = pc();

    pc.machine().setMetadata(ONE, "<theirs c='3'/>", IN_CONFIG);

    assertThat(notes(pc, LIVE)).doesNotContainKey(ONE);
    assertThat(notes(pc, PERSISTENT)).containsEntry(ONE, Map.of("c", "3"));
    pc.machine().setMetadata(ONE, "", IN_CONFIG);
    assertThat(notes(pc, PERSISTENT)).doesNotContainKey(ONE);
  }

  @Test
  void aNoteEndsWithThePowerCycle() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    subject.handle().note(ONE, "<entry a='1'/>");
    assertThat(notes(subject, LIVE)).containsKey(ONE);

    subject.machine().destroy();
    assertThat(notes(subject, LIVE)).doesNotContainKey(ONE);
    subject.machine().startPaused();

    assertThat(notes(subject, LIVE)).doesNotContainKey(ONE);
  }

  @Test
  void aNoteOutlivesAReset() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    subject.handle().note(ONE, "<entry a='1'/>");

    subject.machine().reset();

    assertThat(notes(subject, LIVE)).containsEntry(ONE, Map.of("a", "1"));
  }

  @Test
  void aManagedSaveImageKeepsANote() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    subject.handle().note(ONE, "<entry a='1'/>");

    subject.machine().managedSave();
    subject.machine().start();

    assertThat(notes(subject, LIVE)).containsEntry(ONE, Map.of("a", "1"));
  }

  @Test
  void aDomainThatIsShutOffTakesNoNote() throws Exception {
    Subject shutOff = machines().fresh(MachineSpec.pc());

    refused(55, Condition.DOMAIN_NOT_RUNNING, () -> shutOff.handle().note(ONE, "<entry a='1'/>"));
    refused(55, Condition.DOMAIN_NOT_RUNNING, () -> shutOff.handle().note(ONE, null));
  }
}
