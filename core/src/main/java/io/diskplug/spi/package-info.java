// SPDX-License-Identifier: Apache-2.0
/** The ports: what the executor needs of a hypervisor, and what a storage backend gives it. */
@NullMarked
package io.diskplug.spi;

import org.jspecify.annotations.NullMarked;
