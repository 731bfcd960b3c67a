// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A test class that needs the lab for itself: it ends or stops libvirtd, the OSD or the monitor
 * under the feet of all others, or compares times. The build reads it in the source, at the
 * beginning of a line, and runs such classes one after the other, behind those that run beside each
 * other.
 */
@Documented
@Retention(RetentionPolicy.SOURCE)
@Target(ElementType.TYPE)
public @interface AloneOnTheLab {}
