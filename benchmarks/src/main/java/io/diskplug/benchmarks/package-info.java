// SPDX-License-Identifier: Apache-2.0
/** Benchmarks: pure work in JMH. */
@NullMarked
package io.diskplug.benchmarks;

import org.jspecify.annotations.NullMarked;
