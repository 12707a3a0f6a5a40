// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer;

import java.text.MessageFormat;
import java.util.ResourceBundle;

/** The words of the window and of what it draws, all in one bundle. */
public final class Messages {
    private static final ResourceBundle BUNDLE = ResourceBundle.getBundle("dev.tiller.viewer.messages");

    private Messages() {}

    /** The message of a key, with {0}, {1} … replaced. */
    public static String of(String key, Object... arguments) {
        return new MessageFormat(BUNDLE.getString(key), BUNDLE.getLocale()).format(arguments);
    }
}
