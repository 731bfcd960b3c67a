// SPDX-License-Identifier: Apache-2.0
/**
 * libvirt as the judge of the allocator: random domains in the lab's libvirtd, and what it says to
 * the places that the allocator finds in them.
 */
package io.diskplug.oracle;
