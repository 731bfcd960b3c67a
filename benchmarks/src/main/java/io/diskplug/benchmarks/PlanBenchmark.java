// SPDX-License-Identifier: Apache-2.0
package io.diskplug.benchmarks;

import io.diskplug.alloc.Allocation;
import io.diskplug.alloc.Allocator;
import io.diskplug.alloc.Demand;
import io.diskplug.alloc.Occupied;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DomainViews;
import io.diskplug.domain.DomainXmlReader;
import io.diskplug.domain.View;
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

/** What an attach computes before it calls libvirt: reading both views, and finding a place. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PlanBenchmark {

  private static final Demand DEMAND = Demand.of(DiskBus.VIRTIO, "ua-dp-new");

  /** How many network disks the domain has. */
  @Param({"4", "28"})
  public int disks;

  private String xml = "";
  private DomainViews views = read(SampleDomain.xml(0));

  /** Makes the domain. */
  @Setup
  public void prepare() {
    xml = SampleDomain.xml(disks);
    views = read(xml);
  }

  /** Reads both views. */
  @Benchmark
  public DomainViews readBothViews() {
    return read(xml);
  }

  /** Finds a place in views that have been read. */
  @Benchmark
  public Allocation allocate() {
    return Allocator.allocate(views, DEMAND, Occupied.NOTHING);
  }

  private static DomainViews read(String xml) {
    return new DomainViews(
        DomainXmlReader.readDomain(xml, View.LIVE),
        DomainXmlReader.readDomain(xml, View.PERSISTENT));
  }
}
