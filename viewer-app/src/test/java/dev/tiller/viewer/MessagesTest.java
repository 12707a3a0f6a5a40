// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.ResourceBundle;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every message can be said, and every one that the code names is there. */
class MessagesTest {
    private static final ResourceBundle BUNDLE = ResourceBundle.getBundle("dev.tiller.viewer.messages");

    @Test
    void everyMessageIsWellFormed() {
        for (var key : Collections.list(BUNDLE.getKeys())) {
            for (double number : new double[] {0, 1, 2, 3.5, 1200}) {
                var said = assertDoesNotThrow(() -> Messages.of(key, number, number, number, number), key);
                assertFalse(said.contains("{"), key + ": " + said);
            }
        }
    }

    @Test
    void whatTheCodeNamesIsThere() throws IOException {
        var call = Pattern.compile("Messages\\s*\\.of\\(\\s*\"([a-z.-]+)\"\\s*[,)]");
        int found = 0;
        try (var files = Files.walk(Path.of("src/main/java/dev/tiller/viewer"))) {
            for (var file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                for (var name : call.matcher(Files.readString(file))
                        .results()
                        .map(m -> m.group(1))
                        .toList()) {
                    assertTrue(BUNDLE.containsKey(name), name + " in " + file.getFileName());
                    found++;
                }
            }
        }
        assertTrue(found > 100, found + " calls");
    }
}
