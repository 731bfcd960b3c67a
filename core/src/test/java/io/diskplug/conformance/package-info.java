// SPDX-License-Identifier: Apache-2.0
/** What libvirt and QEMU do, as cases that every hypervisor used in a test has to pass. */
package io.diskplug.conformance;
