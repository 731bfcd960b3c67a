// SPDX-License-Identifier: Apache-2.0
/** What a domain is: views, devices, topology, machine types. Pure. */
@NullMarked
package io.diskplug.internal.model;

import org.jspecify.annotations.NullMarked;
