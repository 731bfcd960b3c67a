// SPDX-License-Identifier: Apache-2.0
/**
 * Secrets of libvirt: that they exist with the right value, and that they do not. Values pass
 * through as bytes, and are overwritten as soon as libvirt has them.
 */
@NullMarked
package io.diskplug.secret;

import org.jspecify.annotations.NullMarked;
