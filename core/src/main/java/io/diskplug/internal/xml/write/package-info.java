// SPDX-License-Identifier: Apache-2.0
/**
 * libvirt's {@code <disk>} element, and the {@code <secret>} that a disk may need, as
 * jakarta.xml.bind models, and the writers that turn them into text.
 *
 * <p>The model is a plain carrier of data: mutable, without behaviour, not safe for use by several
 * threads. Field names are libvirt's attribute and element names. A field that is null is not
 * written. What a field means is described in libvirt's <em>Domain XML format</em>, section
 * <em>Hard drives, floppy disks, CDROMs</em>, and in <em>Secret XML format</em>.
 */
@NullMarked
package io.diskplug.internal.xml.write;

import org.jspecify.annotations.NullMarked;
