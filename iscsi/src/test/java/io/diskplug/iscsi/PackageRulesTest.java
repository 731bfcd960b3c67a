// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.diskplug.arch.BackendRules;

@AnalyzeClasses(
    packages = "io.diskplug.iscsi",
    importOptions = ImportOption.DoNotIncludeTests.class)
final class PackageRulesTest {

  @ArchTest static final ArchRule usesOnlyWhatUsersSee = BackendRules.USES_ONLY_WHAT_USERS_SEE;
}
