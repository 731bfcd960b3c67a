// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test class that ends or stops a daemon of the lab: it has a lab of its own, so that it can run
 * beside the others. {@link Lab#current()} is that lab.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@ExtendWith(OwnLabExtension.class)
public @interface OwnLab {

  /** Whether it has Ceph and an iSCSI target, and not libvirt alone. */
  boolean storage() default false;
}
