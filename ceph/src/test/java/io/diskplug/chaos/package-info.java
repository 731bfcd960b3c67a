// SPDX-License-Identifier: Apache-2.0
/**
 * The chaos harness: controllers that use the library as any user would, on the lab, while
 * everything around them is killed, stopped and changed; and an audit that takes nobody's word for
 * what has become of it. {@code bin/chaos} runs it.
 */
@NullMarked
package io.diskplug.chaos;

import org.jspecify.annotations.NullMarked;
