// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class FaultTableProperties {

  @Property
  void aCodeThatNobodyKnowsLeavesEverythingOpen(
      @ForAll Call call,
      @ForAll @IntRange(min = 111) int code,
      @ForAll int domain,
      @ForAll String message) {
    assertThat(FaultTable.classify(new LibvirtFault(call, code, domain, message)))
        .isEqualTo(new Classification(Condition.OTHER, Verdict.UNKNOWN));
  }

  @Property
  void theRawCodeSurvivesWhateverItIs(
      @ForAll Call call, @ForAll int code, @ForAll int domain, @ForAll String message) {
    LibvirtFault fault = new LibvirtFault(call, code, domain, message);

    assertThat(new FaultException(fault).fault()).isEqualTo(fault);
    assertThat(new FaultException(fault))
        .hasMessage("%s failed: libvirt error %s (domain %s): %s", call, code, domain, message);
  }

  /** The part of libvirt that failed has no say: it changed between versions. */
  @Property
  void theDomainOfAFaultDoesNotMatter(
      @ForAll Call call, @ForAll @IntRange(min = 0, max = 110) int code, @ForAll int domain) {
    String message = "XML error: target 'vda' duplicated for disk sources '/a' and '/b'";

    assertThat(FaultTable.classify(new LibvirtFault(call, code, domain, message)))
        .isEqualTo(FaultTable.classify(new LibvirtFault(call, code, 0, message)));
  }

  @Example
  void theStandardClassifierIsTheTable() {
    LibvirtFault fault = new LibvirtFault(Call.LOOKUP, 42, 10, "Domain not found");

    assertThat(FaultClassifier.standard().classify(fault))
        .isEqualTo(new Classification(Condition.DOMAIN_NOT_FOUND, Verdict.FATAL));
  }
}
