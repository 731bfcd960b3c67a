// SPDX-License-Identifier: Apache-2.0
/** What the requests need of a hypervisor. libvirt and the simulator implement it. */
@NullMarked
package io.diskplug.internal.port;

import org.jspecify.annotations.NullMarked;
