// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A test class that needs the machine for itself: it compares times. The build reads the annotation
 * in the source, at the beginning of a line, and runs such classes one after the other, behind
 * those that run beside each other. What ends a daemon is marked with {@link OwnLab}, or with this.
 */
@Documented
@Retention(RetentionPolicy.SOURCE)
@Target(ElementType.TYPE)
public @interface AloneOnTheLab {}
