// SPDX-License-Identifier: Apache-2.0
package io.diskplug.benchmarks;

import io.diskplug.domain.DiskBus;
import io.diskplug.internal.alloc.Allocation;
import io.diskplug.internal.alloc.Allocator;
import io.diskplug.internal.alloc.Demand;
import io.diskplug.internal.alloc.Occupied;
import io.diskplug.internal.model.DomainViews;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** How the cost grows with the domain. The steps are those of an attach. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 10, time = 1)
public class SizeBenchmark {

  private static final Demand DEMAND = Demand.of(DiskBus.VIRTIO, "ua-dp-new");

  /** How many disks the domain has; the controllers that they need come on top. */
  @Param({"10", "100", "250", "1000"})
  public int disks;

  private String xml = "";
  private DomainViews views = Work.read(SampleDomain.xml(0), SampleDomain.xml(0));

  /** Makes the domain. */
  @Setup
  public void prepare() {
    xml = SampleDomain.xml(disks);
    views = Work.read(xml, xml);
  }

  /** Finds a place in views that have been read. */
  @Benchmark
  public Allocation place() {
    return Allocator.allocate(views, DEMAND, Occupied.NOTHING);
  }

  /** Reads both views. */
  @Benchmark
  public DomainViews read() {
    return Work.read(xml, xml);
  }

  /** All of it: reads both views, plans, writes the XML. */
  @Benchmark
  public String plan() {
    return Work.plan(xml, xml);
  }
}
