// SPDX-License-Identifier: Apache-2.0
package io.diskplug.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * All that an attach computes, from the XML of both views of a domain with 28 network disks (27 KB
 * each) to the XML of the disk to send: by this library, and by a straightforward agent.
 *
 * <p>Sampled, because a mean says more about a shared machine than about the code: the fastest
 * sample and the median are what to compare.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 10, time = 1)
public class PlanBenchmark {

  private static final int DISKS = 28;

  private final String live = SampleDomain.xml(DISKS);
  private final String persistent = live.replace(" id='1'", "");
  private final DomAgent agent = DomAgent.plain();
  private final DomAgent agentKeepingItsFactory = DomAgent.keepingItsFactory();

  /** This library. */
  @Benchmark
  public String diskplug() {
    return Work.plan(live, persistent);
  }

  /** DOM and string building, a parser factory for each document. */
  @Benchmark
  public String domAgent() {
    return agent.plan(live, persistent);
  }

  /** DOM and string building, one parser factory. */
  @Benchmark
  public String domAgentKeepingItsFactory() {
    return agentKeepingItsFactory.plan(live, persistent);
  }
}
