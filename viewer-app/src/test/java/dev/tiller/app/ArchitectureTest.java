// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static com.tngtech.archunit.library.plantuml.rules.PlantUmlArchCondition.Configuration.consideringOnlyDependenciesInAnyPackage;
import static com.tngtech.archunit.library.plantuml.rules.PlantUmlArchCondition.adhereToPlantUmlDiagram;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The picture of the architecture is the rule; {@code examples} is held to it by its own module. */
class ArchitectureTest {
    private static final Path PICTURE = Path.of("../docs/architecture.puml");
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("/test-classes/") && !location.contains("-tests.jar"))
            .importPackages("dev.tiller");

    private static ArchRule drawnIn(Path picture) {
        return classes()
                .should(adhereToPlantUmlDiagram(picture, consideringOnlyDependenciesInAnyPackage("dev.tiller..")));
    }

    @Test
    void packagesDependOnEachOtherAsDrawn() {
        drawnIn(PICTURE).check(CLASSES);
    }

    @Test
    void anArrowThatIsMissingIsNoticed(@TempDir Path folder) throws IOException {
        for (var arrow : new String[] {"[smc] --> [run]\n", "[viewer] --> [record]\n"}) {
            var drawn = Files.readString(PICTURE);
            assertTrue(drawn.contains(arrow), arrow);
            var less = Files.writeString(folder.resolve("less.puml"), drawn.replace(arrow, ""));
            assertTrue(drawnIn(less).evaluate(CLASSES).hasViolation(), arrow);
        }
    }

    @Test
    void packagesLieInTheModulesAsDrawn() throws IOException {
        Map<String, String> moduleOf = new TreeMap<>();
        String module = "";
        for (var line : Files.readAllLines(PICTURE)) {
            var group = Pattern.compile("package \"(.+)\" \\{").matcher(line);
            var component = Pattern.compile("\\[.+] <<dev\\.tiller\\.(\\w+)(\\.\\w+)*(\\.\\.)?>>")
                    .matcher(line);
            if (group.find()) {
                module = group.group(1);
            } else if (component.find()) {
                moduleOf.put(component.group(1), module);
            }
        }
        assertEquals(20, moduleOf.size());
        for (var c : CLASSES) {
            var top = c.getPackageName().split("\\.", -1)[2];
            var source = c.getSource().orElseThrow().getUri().toString();
            assertTrue(
                    source.contains("/" + moduleOf.get(top) + "/"), c.getName() + " should be in " + moduleOf.get(top));
        }
    }

    @Test
    void theAlgorithmsKnowOnlyTheJdk() {
        classes()
                .that(resideInAnyPackage(
                        "dev.tiller.smc",
                        "dev.tiller.gradient",
                        "dev.tiller.guide",
                        "dev.tiller.ascent",
                        "dev.tiller.run"))
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        "java..",
                        "org.jspecify..",
                        "dev.tiller.smc",
                        "dev.tiller.gradient",
                        "dev.tiller.guide",
                        "dev.tiller.ascent",
                        "dev.tiller.run"))
                .check(CLASSES);
        classes()
                .that(resideInAPackage("dev.tiller.reward"))
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        "java..",
                        "org.jspecify..",
                        "org.apache.commons.math3..",
                        "dev.tiller.reward",
                        "dev.tiller.run"))
                .check(CLASSES);
    }

    @Test
    void theNativeEngineIsKnownToTensorAlone() {
        noClasses()
                .that(resideInAPackage("dev.tiller..")
                        .and(not(resideInAnyPackage("dev.tiller.tensor", "dev.tiller.text"))))
                .should()
                .dependOnClassesThat(resideInAPackage("ai.djl.."))
                .check(CLASSES);
        noClasses()
                .that(resideInAPackage("dev.tiller.text"))
                .should()
                .dependOnClassesThat(nameMatching("ai\\.djl\\.(?!huggingface\\.tokenizers\\.).*"))
                .check(CLASSES);
        assertFalse(CLASSES.stream()
                .filter(c -> c.getPackageName().equals("dev.tiller.tensor"))
                .flatMap(c -> c.getDirectDependenciesFromSelf().stream())
                .noneMatch(d -> d.getTargetClass().getPackageName().startsWith("ai.djl")));
    }

    @Test
    void sparkIsKnownToItsOwnPackageAlone() {
        noClasses()
                .that(resideInAPackage("dev.tiller..").and(not(resideInAPackage("dev.tiller.benchmark.spark"))))
                .should()
                .dependOnClassesThat(resideInAnyPackage("org.apache.spark..", "scala.."))
                .check(CLASSES);
        assertTrue(CLASSES.stream()
                .filter(c -> c.getPackageName().equals("dev.tiller.benchmark.spark"))
                .flatMap(c -> c.getDirectDependenciesFromSelf().stream())
                .anyMatch(d -> d.getTargetClass().getPackageName().startsWith("org.apache.spark")));
    }

    @Test
    void packagesAreFreeOfCycles() {
        slices().matching("dev.tiller.(**)").should().beFreeOfCycles().check(CLASSES);
    }
}
