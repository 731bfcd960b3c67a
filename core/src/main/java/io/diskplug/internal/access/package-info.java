// SPDX-License-Identifier: Apache-2.0
/**
 * One domain within one deadline: its calls, and its status and views as they were read together.
 */
@NullMarked
package io.diskplug.internal.access;

import org.jspecify.annotations.NullMarked;
