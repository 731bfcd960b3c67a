// SPDX-License-Identifier: Apache-2.0
/**
 * What others bring: disks of a storage, what is to be known of its kind, questions to it, secrets,
 * listeners; and the name of a simulated hypervisor.
 */
@NullMarked
package io.diskplug.spi;

import org.jspecify.annotations.NullMarked;
