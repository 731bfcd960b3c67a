// SPDX-License-Identifier: Apache-2.0
/** Reads libvirt's XML, bounded in size and depth, without external entities. */
@NullMarked
package io.diskplug.internal.xml.read;

import org.jspecify.annotations.NullMarked;
