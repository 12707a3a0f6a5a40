// SPDX-License-Identifier: Apache-2.0
package dev.tiller.potentials.judge;

import dev.tiller.run.TillerException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the key of a host: in the environment variable {@code TILLER_KEY_} + host (upper case, a hyphen as {@code __}, other
 * characters as {@code _}: {@code TILLER_KEY_API_OPENAI_COM}, which is not api-openai.com's), or in the file that {@code TILLER_KEYS} names, whose lines are a host, a
 * space and a key. A key belongs to its host and is sent to no other; it is no option of a reward, so it stands in no
 * expression, manifest, picture or report.
 */
record Keys(Map<String, String> environment) {

    /**
     * The key for an address.
     *
     * @throws TillerException if the file cannot be read, or the key would travel unencrypted to another machine
     */
    Optional<String> of(URI url) {
        var host = String.valueOf(url.getHost()).toLowerCase(Locale.ROOT);
        var named = environment.get(
                "TILLER_KEY_" + host.toUpperCase(Locale.ROOT).replace("-", "__").replaceAll("[^A-Z0-9_]", "_"));
        var key = named != null ? Optional.of(named) : inFile(host);
        if (key.isPresent() && !"https".equals(url.getScheme()) && !isLocal(host)) {
            throw new TillerException("There is a key for " + host + ", but " + url.getScheme()
                    + ":// would send it unencrypted; use https.");
        }
        return key.map(String::strip).filter(k -> !k.isEmpty());
    }

    private Optional<String> inFile(String host) {
        var file = environment.get("TILLER_KEYS");
        if (file == null) {
            return Optional.empty();
        }
        try {
            return Files.readAllLines(Path.of(file)).stream()
                    .map(line -> line.strip().split("\\s+", 2))
                    .filter(line -> line.length == 2 && line[0].equalsIgnoreCase(host))
                    .map(line -> line[1])
                    .findFirst();
        } catch (IOException e) {
            throw new TillerException("Cannot read the file of keys that TILLER_KEYS names: " + file + ".", e);
        }
    }

    static boolean isLocal(String host) {
        return host.equals("localhost") || host.equals("127.0.0.1") || host.equals("[::1]");
    }
}
