// SPDX-License-Identifier: Apache-2.0
/** Makes the requests of a daemon, and takes each from its submission to its outcome. */
@NullMarked
package io.diskplug.internal.exec;

import org.jspecify.annotations.NullMarked;
