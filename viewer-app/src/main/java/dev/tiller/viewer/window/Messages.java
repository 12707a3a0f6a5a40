// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import java.text.MessageFormat;
import java.util.ResourceBundle;

/** The window's words, all in one bundle. */
final class Messages {
    private static final ResourceBundle BUNDLE = ResourceBundle.getBundle("dev.tiller.viewer.window.messages");

    private Messages() {}

    /** The message of a key, with {0}, {1} … replaced. */
    static String of(String key, Object... arguments) {
        return new MessageFormat(BUNDLE.getString(key), BUNDLE.getLocale()).format(arguments);
    }
}
