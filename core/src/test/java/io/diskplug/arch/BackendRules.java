// SPDX-License-Identifier: Apache-2.0
package io.diskplug.arch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.lang.ArchRule;

/** What holds for a backend, those of this project as well as others. */
public final class BackendRules {

  /** A backend of this project could else do what none of a user's can. */
  public static final ArchRule USES_ONLY_WHAT_USERS_SEE =
      noClasses().should().dependOnClassesThat().resideInAPackage("io.diskplug.internal..");

  private BackendRules() {}
}
