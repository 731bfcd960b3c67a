// SPDX-License-Identifier: Apache-2.0
/**
 * A host in memory that behaves as libvirtd, QEMU and a guest do where it matters for disks: for
 * tests of this library, and of controllers that use it. The conformance suite holds it against the
 * real ones.
 */
@NullMarked
package io.diskplug.sim;

import org.jspecify.annotations.NullMarked;
