// SPDX-License-Identifier: Apache-2.0
/**
 * The real hypervisor: the only package that touches libvirt-java and JNA.
 *
 * <p>It uses libvirt-java's native types and event loop, and not its object layer: that one reports
 * some failures as success, loses error codes it does not know, and ties native handles to
 * finalizers. Every call here looks at the return value itself, reads the error on the thread that
 * made the call, and frees what it was given. No two threads use one connection at a time.
 */
@NullMarked
package io.diskplug.internal.libvirt;

import org.jspecify.annotations.NullMarked;
