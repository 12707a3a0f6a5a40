// SPDX-License-Identifier: Apache-2.0
package dev.tiller.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tiller.run.TillerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchSettingsTest {
    @TempDir
    Path temp;

    private BenchSettings read(String name, String text) throws IOException {
        return BenchSettings.read(Files.writeString(temp.resolve(name), text));
    }

    /** What would be passed over in silence, or taken for something else, is an error. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "p.yaml; ~; is empty",
                "p.yaml; 'seed: 1\nseed: 2'; 'seed'",
                "p.json; '{\"seed\": 1, \"seed\": 2}'; 'seed'",
                "p.yaml; 'seed: 1.7'; 'seed'",
                "p.yaml; 'images: 1.9'; 'images'",
                "p.yaml; 'images: 1\n---\nseed: 3'; its content",
                "p.json; '{\"images\": 1} {\"seed\": 3}'; its content",
                "p.yaml; 'method: [base]'; 'method'",
                "p.yaml; 'methods: [base, ~]'; one of 'methods' has no value",
                "p.yaml; 'particles: [2, ~]'; one of 'particles' has no value",
                "p.yaml; 'judges: [~]'; one of 'judges' has no value",
                "p.yaml; 'options: {steps: ~}'; one of 'options' has no value"
            },
            quoteCharacter = '\'')
    void aPlanThatIsNotUnderstoodIsRefused(String name, String text, String says) throws IOException {
        var e = assertThrows(TillerException.class, () -> read(name, text));
        assertTrue(e.getMessage().contains(says.strip()), e.getMessage());
    }

    @Test
    void aByteOrderMarkIsNoPartOfAPlan() throws IOException {
        assertEquals(5L, read("p.json", "\uFEFF{\"seed\": 5}").seed());
        assertEquals(5L, read("p.yaml", "\uFEFFseed: 5\n").seed());
    }

    @Test
    void listsAreDividedAtCommasOutsideOfParentheses() {
        assertEquals(
                List.of("base", "fk(lambda=2,reward=cautious(of=clip(model=a,dtype=b)))", "bon"),
                BenchSettings.separated("base, fk(lambda=2,reward=cautious(of=clip(model=a,dtype=b))),bon"));
        var cells = Cells.of(List.of("fk(lambda=2,reward=verifier(soft=true))"), List.of(2), Map.of());
        assertEquals("verifier(soft=true)", cells.cells().get(0).options().get("reward"));
    }

    /** Else it would be paid for and stand nowhere. */
    @Test
    void whatAllRunsHoldOutStandsInTheReport() throws IOException {
        for (var judges : List.of("[verifier]", "[clip]")) {
            var plan = read("held.yaml", "methods: [base]\njudges: " + judges + "\noptions: {hold-out: verifier}\n")
                    .plan();
            assertEquals(judges.equals("[clip]") ? List.of("clip", "verifier") : List.of("verifier"), plan.judges());
        }
    }

    @Test
    void whatIsNamedTwiceIsRefused() {
        var e = assertThrows(
                TillerException.class, () -> Cells.of(List.of("fk(lambda=1,lambda=2)"), List.of(2), Map.of()));
        assertTrue(e.getMessage().contains("'lambda' is there twice"), e.getMessage());
        var judges =
                new BenchSettings("scenes", List.of("base"), null, 1, null, List.of("clip", "clip"), null, 1, Map.of());
        assertTrue(
                assertThrows(TillerException.class, judges::plan).getMessage().contains("named twice"));
    }
}
