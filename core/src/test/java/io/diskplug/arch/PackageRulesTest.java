// SPDX-License-Identifier: Apache-2.0
package io.diskplug.arch;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.slf4j.LoggerFactory;

/** Who may depend on whom, and on what outside. */
@AnalyzeClasses(packages = "io.diskplug", importOptions = ImportOption.DoNotIncludeTests.class)
final class PackageRulesTest {

  private static final String ROOT = "io.diskplug";
  private static final String JSPECIFY = "org.jspecify..";

  /** What of the JDK is a function of its arguments: no streams, files, sockets, threads. */
  private static final String[] PURE_JDK = {
    "java.lang",
    "java.lang.annotation",
    "java.lang.invoke",
    "java.lang.runtime",
    "java.nio.charset",
    "java.security",
    "java.util",
    "java.util.function",
    "java.util.regex",
    "java.util.stream",
    JSPECIFY
  };

  private static final Set<String> IMPURE =
      Set.of(
          "java.lang.Process",
          "java.lang.ProcessBuilder",
          "java.lang.Runtime",
          "java.lang.System",
          "java.lang.Thread",
          "java.lang.ThreadLocal",
          "java.security.SecureRandom",
          "java.util.Date",
          "java.util.Random",
          "java.util.SplittableRandom",
          "java.util.Timer");

  /** The internal packages: each uses those before it, and none behind it. */
  private static final List<String> INTERNAL =
      List.of(
          "collect",
          "model",
          "xml.read",
          "xml.write",
          "alloc",
          "fault",
          "kind",
          "engine",
          "port",
          "libvirt",
          "qemu",
          "match",
          "access",
          "coordination",
          "observe",
          "place",
          "reason",
          "storage",
          "ghost",
          "request",
          "request.plug",
          "request.change",
          "request.repair",
          "request.find",
          "secret",
          "exec");

  private static final Set<String> PARSING =
      Set.of("io.diskplug.internal.xml.read.XmlCursor", "io.diskplug.internal.xml.read.XmlParsers");

  @ArchTest
  static final ArchRule domainIsPure =
      classes()
          .that(areIn("domain"))
          .should()
          .onlyDependOnClassesThat(areIn("domain").or(pureJdk()));

  @ArchTest
  static final ArchRule modelIsPure =
      classes()
          .that(areIn("internal.model"))
          .should()
          .onlyDependOnClassesThat(areIn("internal.model", "domain").or(pureJdk()));

  @ArchTest
  static final ArchRule readingIsPure =
      classes()
          .that(areIn("internal.xml.read"))
          .should()
          .onlyDependOnClassesThat(
              areIn("internal.xml.read", "internal.model", "domain")
                  .or(pureJdk())
                  .or(theXmlParser()));

  @ArchTest
  static final ArchRule onlyTheCursorSeesTheXmlParser =
      noClasses()
          .that(areIn("internal.xml.read"))
          .and(
              not(
                  describe(
                      "the cursor and what is behind it",
                      type -> PARSING.contains(type.getName().replaceFirst("[$].*", "")))))
          .should()
          .dependOnClassesThat(theXmlParser());

  @ArchTest
  static final ArchRule allocIsPure =
      classes()
          .that(areIn("alloc", "internal.alloc", "internal.collect"))
          .should()
          .onlyDependOnClassesThat(
              areIn("alloc", "internal.alloc", "internal.collect", "internal.model", "domain")
                  .or(pureJdk()));

  @ArchTest
  static final ArchRule matchIsPure =
      classes()
          .that(areIn("internal.match"))
          .should()
          .onlyDependOnClassesThat(
              areIn(
                      "internal.match",
                      "internal.model",
                      "internal.xml",
                      "disk",
                      "domain",
                      "outcome",
                      "alloc")
                  .or(pureJdk()));

  @ArchTest
  static final ArchRule faultIsPure =
      classes()
          .that(areIn("fault", "internal.fault"))
          .should()
          .onlyDependOnClassesThat(areIn("fault", "internal.fault").or(pureJdk()));

  @ArchTest
  static final ArchRule kindIsPure =
      classes()
          .that(areIn("internal.kind"))
          .and(
              not(
                  describe(
                      "what looks for those that are installed",
                      type -> type.getName().endsWith(".InstalledKinds"))))
          .should()
          .onlyDependOnClassesThat(
              areIn("internal.kind", "internal.fault", "internal.model", "spi", "domain")
                  .or(pureJdk()));

  @ArchTest
  static final ArchRule portSeesWhatItsPartsSpeakOf =
      classes()
          .that(areIn("internal.port"))
          .should()
          .onlyDependOnClassesThat(
              areIn(
                      "internal.port",
                      "internal.fault",
                      "internal.model",
                      "spi",
                      "fault",
                      "domain",
                      "disk")
                  .or(outside("java..")));

  @ArchTest
  static final ArchRule xmlSeesWhatItWrites =
      classes()
          .that(areIn("internal.xml.write"))
          .should()
          .onlyDependOnClassesThat(
              areIn("internal.xml.write", "disk").or(outside("java..", "jakarta.xml.bind..")));

  @ArchTest
  static final ArchRule onlyXmlKnowsJakartaXmlBind =
      noClasses()
          .that(not(areIn("internal.xml.write")))
          .should()
          .dependOnClassesThat(resideInAPackage("jakarta.xml.bind.."));

  @ArchTest
  static final ArchRule diskSeesWhatADomainIs =
      classes()
          .that(areIn("disk"))
          .should()
          .onlyDependOnClassesThat(areIn("disk", "domain", "internal.model").or(outside("java..")));

  @ArchTest
  static final ArchRule localDisksAreMadeAsThoseOfABackend =
      classes()
          .that(areIn("local"))
          .should()
          .onlyDependOnClassesThat(areIn("local", "disk", "domain", "spi").or(outside("java..")));

  @ArchTest
  static final ArchRule spiSeesWhatItsPartsSpeakOf =
      classes()
          .that(areIn("spi"))
          .should()
          .onlyDependOnClassesThat(
              areIn("spi", "domain", "fault", "disk", "alloc", "outcome").or(outside("java..")));

  @ArchTest
  static final ArchRule outcomeSeesDomainFaultAndAlloc =
      classes()
          .that(areIn("outcome"))
          .should()
          .onlyDependOnClassesThat(
              areIn("outcome", "domain", "fault", "alloc", "internal.model").or(outside("java..")));

  @ArchTest
  static final ArchRule eachInternalPackageUsesThoseBeforeIt =
      classes().that(areIn("internal")).should(useOnlyWhatIsBefore(INTERNAL));

  @ArchTest
  static final ArchRule noExportedSignatureNamesAnInternalType =
      codeUnits()
          .that()
          .areDeclaredInClassesThat(isSeenByUsers().and(not(areIn("internal"))))
          .should(nameNoInternalType());

  @ArchTest
  static final ArchRule noExportedFieldNamesAnInternalType =
      fields()
          .that()
          .areDeclaredInClassesThat(isSeenByUsers().and(not(areIn("internal"))))
          .and()
          .arePublic()
          .should()
          .haveRawType(not(areIn("internal")));

  @ArchTest
  static final ArchRule noExportedTypeIsMadeOfAnInternalOne =
      noClasses()
          .that(isSeenByUsers().and(not(areIn("internal"))))
          .should()
          .beAssignableTo(areIn("internal"));

  @ArchTest
  static final ArchRule theEngineKnowsNoDomainAndNoDisk =
      classes()
          .that(areIn("internal.engine"))
          .should()
          .onlyDependOnClassesThat(
              areIn("internal.engine", "internal.fault", "fault").or(outside("java..")));

  @ArchTest
  static final ArchRule onlyQemuReadsJson =
      noClasses()
          .that(not(areIn("internal.qemu")))
          .should()
          .dependOnClassesThat(resideInAPackage("com.fasterxml.jackson.."));

  @ArchTest
  static final ArchRule requestsSeeEverythingButTheRealHypervisor =
      classes()
          .that(areIn("internal").and(not(areIn("internal.libvirt", "internal.xml.read"))))
          .should()
          .onlyDependOnClassesThat(
              areIn(
                      "internal",
                      "plan",
                      "secret",
                      "spi",
                      "fault",
                      "alloc",
                      "domain",
                      "outcome",
                      "disk")
                  .and(not(areIn("internal.libvirt")))
                  .or(
                      outside(
                          "java..",
                          "org.slf4j..",
                          "com.fasterxml.jackson.core..",
                          "jakarta.xml.bind..")));

  @ArchTest
  static final ArchRule planNeedsNoConnection =
      classes()
          .that(areIn("plan"))
          .should()
          .onlyDependOnClassesThat(
              areIn(
                      "plan",
                      "internal.place",
                      "internal.alloc",
                      "internal.model",
                      "internal.xml.read",
                      "alloc",
                      "domain",
                      "outcome",
                      "spi")
                  .or(outside("java..")));

  @ArchTest
  static final ArchRule secretSeesWhatItsPartsSpeakOf =
      classes()
          .that(areIn("secret"))
          .should()
          .onlyDependOnClassesThat(areIn("secret", "disk", "outcome", "spi").or(outside("java..")));

  @ArchTest
  static final ArchRule libvirtImplementsThePortAndKnowsNoExecutor =
      classes()
          .that(areIn("internal.libvirt"))
          .should()
          .onlyDependOnClassesThat(
              areIn(
                      "internal.libvirt",
                      "internal.port",
                      "internal.fault",
                      "internal.model",
                      "fault",
                      "domain",
                      "disk")
                  .or(outside("java..", "org.slf4j..", "org.libvirt..", "com.sun.jna..")));

  @ArchTest
  static final ArchRule onlyLibvirtTouchesLibvirtJavaAndJna =
      noClasses()
          .that(not(areIn("internal.libvirt")))
          .should()
          .dependOnClassesThat(resideInAnyPackage("org.libvirt..", "com.sun.jna.."));

  @ArchTest
  static final ArchRule everyPackageHasARule =
      classes()
          .should(
              beIn(
                  areIn(
                      "domain",
                      "alloc",
                      "fault",
                      "local",
                      "disk",
                      "spi",
                      "outcome",
                      "plan",
                      "secret",
                      "internal")));

  @ArchTest
  static final ArchRule nobodyButItsUsersSeesTheFacade =
      noClasses()
          .that(not(resideInAPackage(ROOT)))
          .should()
          .dependOnClassesThat(resideInAPackage(ROOT));

  @ArchTest
  static final ArchRule noCyclesBetweenPackages =
      slices().matching("io.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule timeAndRandomnessAreInjected =
      noClasses()
          .that(
              areIn(
                  "domain",
                  "alloc",
                  "fault",
                  "local",
                  "disk",
                  "spi",
                  "outcome",
                  "plan",
                  "secret",
                  "internal"))
          .and(not(areIn("internal.libvirt")))
          .and(not(describe("the real time", PackageRulesTest::isTheRealTime)))
          .should()
          .callMethodWhere(
              describe(
                  "reads a clock, sleeps or draws a number of its own",
                  call ->
                      isImpure(
                          call.getTargetOwner(),
                          call.getTarget().getName(),
                          call.getTarget().getRawParameterTypes().size())))
          .orShould()
          .callConstructorWhere(
              describe(
                  "makes a source of randomness",
                  call -> call.getTargetOwner().isAssignableTo(RandomGenerator.class)));

  @ArchTest
  static final ArchRule theRealTimeReadsTheRealClock =
      classes()
          .that(describe("the real time", PackageRulesTest::isTheRealTime))
          .should()
          .callMethod(System.class, "nanoTime");

  /** Operators configure loggers by name; a class may move. The guide lists the names. */
  @ArchTest
  static final ArchRule loggersAreNotNamedByClasses =
      noClasses().should().callMethod(LoggerFactory.class, "getLogger", Class.class);

  @ArchTest static final ArchRule nobodyCatchesEverything = codeUnits().should(catchNoThrowable());

  @ArchTest
  static final ArchRule staticFieldsAreFinal = fields().that().areStatic().should().beFinal();

  @ArchTest static final ArchRule nobodyPrints = NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

  @ArchTest
  static final ArchRule everyPackageIsNullMarked = classes().should(beInANullMarkedPackage());

  private static DescribedPredicate<JavaClass> areIn(String... packages) {
    return resideInAnyPackage(
            Stream.of(packages).map(name -> ROOT + "." + name + "..").toArray(String[]::new))
        .as("in " + List.of(packages));
  }

  private static DescribedPredicate<JavaClass> outside(String... packages) {
    return resideInAnyPackage(
        Stream.concat(Stream.of(JSPECIFY), Stream.of(packages)).toArray(String[]::new));
  }

  private static DescribedPredicate<JavaClass> pureJdk() {
    return describe(
        "of the pure part of the JDK",
        target -> {
          JavaClass type = target.getBaseComponentType();
          return type.isPrimitive()
              || (resideInAnyPackage(PURE_JDK).test(type) && !IMPURE.contains(type.getName()));
        });
  }

  /** The parser, and the budget of its factory; it may see no stream, nor a file. */
  private static DescribedPredicate<JavaClass> theXmlParser() {
    return resideInAnyPackage("javax.xml.stream", "com.fasterxml.aalto..", "org.codehaus.stax2..")
        .or(
            describe(
                "a counter",
                type -> type.getName().equals("java.util.concurrent.atomic.AtomicInteger")))
        .as("the XML parser");
  }

  private static boolean isTheRealTime(JavaClass type) {
    return type.getName().startsWith(ROOT + ".internal.engine.ThreadScheduler");
  }

  private static boolean isImpure(JavaClass owner, String method, int parameters) {
    return (owner.isEquivalentTo(System.class)
            && (method.equals("nanoTime") || method.equals("currentTimeMillis")))
        || (owner.isEquivalentTo(Thread.class) && method.equals("sleep"))
        || (owner.getPackageName().equals("java.time") && method.equals("now") && parameters == 0)
        || (owner.isEquivalentTo(Clock.class) && method.startsWith("system"))
        || (owner.isEquivalentTo(ThreadLocalRandom.class) && method.equals("current"))
        || (owner.isEquivalentTo(Math.class) && method.equals("random"))
        || (owner.isEquivalentTo(UUID.class) && method.equals("randomUUID"))
        || (owner.isEquivalentTo(RandomGenerator.class)
            && (method.equals("getDefault") || method.equals("of")))
        || (owner.isEquivalentTo(Random.class) && method.equals("from"));
  }

  private static ArchCondition<JavaClass> useOnlyWhatIsBefore(List<String> order) {
    return new ArchCondition<>("use only internal packages that come before it in " + order) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        int own = order.indexOf(room(type));
        for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
          JavaClass target = dependency.getTargetClass().getBaseComponentType();
          if (areIn("internal").test(target)) {
            boolean isBefore = own >= 0 && order.indexOf(room(target)) <= own;
            events.add(new SimpleConditionEvent(dependency, isBefore, dependency.getDescription()));
          }
        }
      }
    };
  }

  private static String room(JavaClass type) {
    return type.getPackageName().replace(ROOT + ".internal.", "");
  }

  private static DescribedPredicate<JavaClass> isSeenByUsers() {
    return describe(
        "seen by users",
        type -> {
          Optional<JavaClass> outer = Optional.of(type);
          while (outer.isPresent() && outer.get().getModifiers().contains(JavaModifier.PUBLIC)) {
            outer = outer.get().getEnclosingClass();
          }
          return outer.isEmpty();
        });
  }

  private static ArchCondition<JavaCodeUnit> nameNoInternalType() {
    return new ArchCondition<>("name no internal type, unless they are hidden themselves") {
      @Override
      public void check(JavaCodeUnit unit, ConditionEvents events) {
        boolean isSeen =
            unit.getModifiers().contains(JavaModifier.PUBLIC)
                || unit.getModifiers().contains(JavaModifier.PROTECTED);
        boolean names =
            Stream.of(
                    unit.getParameterTypes().stream()
                        .flatMap(type -> type.getAllInvolvedRawTypes().stream()),
                    unit.getReturnType().getAllInvolvedRawTypes().stream(),
                    unit.getExceptionTypes().stream())
                .flatMap(types -> types)
                .map(JavaClass::getBaseComponentType)
                .anyMatch(areIn("internal"));
        events.add(
            new SimpleConditionEvent(
                unit, !isSeen || !names, unit.getFullName() + " names an internal type"));
      }
    };
  }

  private static ArchCondition<JavaClass> beIn(DescribedPredicate<JavaClass> packages) {
    return new ArchCondition<>("be the facade or " + packages.getDescription()) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        boolean satisfied = type.getPackageName().equals(ROOT) || packages.test(type);
        events.add(new SimpleConditionEvent(type, satisfied, type + " in no package with a rule"));
      }
    };
  }

  private static ArchCondition<JavaCodeUnit> catchNoThrowable() {
    return new ArchCondition<>("catch neither Throwable nor Error") {
      @Override
      public void check(JavaCodeUnit unit, ConditionEvents events) {
        // The compiler writes such a handler for each try-with-resources, which adds what close()
        // throws to what is already on its way.
        boolean withResources = calls(unit, Throwable.class, "addSuppressed");
        boolean handsOn = calls(unit, CompletableFuture.class, "completeExceptionally");
        boolean catches =
            unit.getTryCatchBlocks().stream()
                .flatMap(block -> block.getCaughtThrowables().stream())
                .anyMatch(
                    caught ->
                        (caught.isEquivalentTo(Error.class) && !handsOn)
                            || (caught.isEquivalentTo(Throwable.class) && !withResources));
        events.add(
            new SimpleConditionEvent(unit, !catches, unit.getFullName() + " catches everything"));
      }
    };
  }

  private static boolean calls(JavaCodeUnit unit, Class<?> owner, String method) {
    return unit.getMethodCallsFromSelf().stream()
        .anyMatch(
            call -> call.getTargetOwner().isEquivalentTo(owner) && call.getName().equals(method));
  }

  private static ArchCondition<JavaClass> beInANullMarkedPackage() {
    return new ArchCondition<>("be in a package that is @NullMarked") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        boolean marked =
            type.getPackage()
                .tryGetPackageInfo()
                .map(info -> info.isAnnotatedWith(NullMarked.class))
                .orElse(false);
        events.add(
            new SimpleConditionEvent(type, marked, type.getPackageName() + " is not @NullMarked"));
      }
    };
  }
}
