// SPDX-License-Identifier: Apache-2.0
package dev.tiller.examples;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.plantuml.rules.PlantUmlArchCondition.Configuration.consideringOnlyDependenciesInAnyPackage;
import static com.tngtech.archunit.library.plantuml.rules.PlantUmlArchCondition.adhereToPlantUmlDiagram;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    @Test
    void examplesUseWhatIsDrawn() {
        classes()
                .should(adhereToPlantUmlDiagram(
                        Path.of("../docs/architecture.puml"), consideringOnlyDependenciesInAnyPackage("dev.tiller..")))
                .check(new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("dev.tiller.examples"));
    }
}
