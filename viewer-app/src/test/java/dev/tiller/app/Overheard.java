// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.run.RunEvent;
import dev.tiller.viewer.Pictures;
import dev.tiller.viewer.window.Studio;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/** A watcher whose events somebody else hears too, after it has heard them. */
record Overheard(Studio.Watcher watcher, Consumer<RunEvent> also) implements Studio.Watcher {
    /** A studio that starts runs in another way, and is as it was otherwise. */
    static Studio studio(Studio studio, BiFunction<Map<String, String>, Studio.Watcher, Studio.Job> start) {
        return (Studio) Proxy.newProxyInstance(
                Studio.class.getClassLoader(), new Class<?>[] {Studio.class}, (self, method, arguments) -> {
                    if (method.getName().equals("start")) {
                        @SuppressWarnings("unchecked")
                        var settings = (Map<String, String>) arguments[0];
                        return start.apply(settings, (Studio.Watcher) arguments[1]);
                    }
                    try {
                        return method.invoke(studio, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Override
    public void began(Path folder, Pictures pictures) {
        watcher.began(folder, pictures);
    }

    @Override
    public void on(RunEvent event) {
        watcher.on(event);
        also.accept(event);
    }

    @Override
    public void refused(String sentence) {
        watcher.refused(sentence);
    }

    @Override
    public void ended(boolean completed) {
        watcher.ended(completed);
    }

    @Override
    public void failed(String sentence) {
        watcher.failed(sentence);
    }
}
