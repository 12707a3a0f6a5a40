// SPDX-License-Identifier: Apache-2.0
package dev.tiller.viewer.window;

import atlantafx.base.theme.Styles;
import dev.tiller.viewer.Messages;
import dev.tiller.viewer.ShellWord;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import javafx.animation.PauseTransition;
import javafx.beans.Observable;
import javafx.beans.binding.Bindings;
import javafx.beans.property.BooleanProperty;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.ComboBox;
import javafx.scene.control.Label;
import javafx.scene.control.Spinner;
import javafx.scene.control.TextArea;
import javafx.scene.control.TextField;
import javafx.scene.control.TitledPane;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.Tooltip;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import javafx.util.Duration;
import javafx.util.StringConverter;
import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.feather.Feather;
import org.kordamp.ikonli.javafx.FontIcon;

/** Says what to make: the prompt first, what steers it next, and the rest for those who look. */
final class ComposePane extends VBox {
    private final TextArea prompt = new TextArea();
    private final TextField negative = new TextField();
    private final ComboBox<Studio.Choice> model;
    private final ComboBox<Studio.Method> method;
    private final TextField reward = new TextField("clip");
    private final TextField heldOut = new TextField();
    private final Spinner<Integer> particles = new Spinner<>(1, 256, 8);
    private final Spinner<Integer> steps = new Spinner<>(1, 1000, 50);
    private final Spinner<Double> lambda = new Spinner<>(0, 1000, 3, 0.5);
    private final Spinner<Double> guidance = new Spinner<>(0, 30, 3, 0.5);
    private final TextField seed = new TextField("0");
    private final ToggleButton lock = new ToggleButton();
    private final Explanation explanation = new Explanation();
    private final BranchBox branch = new BranchBox(this::look);
    private final RunButtons buttons;
    private final VBox foot = new VBox(6);
    private final PauseTransition settled = new PauseTransition(Duration.millis(250));
    private final WeightSliders weights = new WeightSliders();
    private final ComboBox<Preset> preset = new ComboBox<>();
    private final Studio studio;
    private final List<Studio.Choice> rewards;
    private final QueuePane queue;

    /** What the buttons do. */
    interface Actions {
        void start(Map<String, String> settings);

        void pause();

        void stop();

        /** Parts of the reward count differently from now on. */
        void reweigh(Map<String, Double> before, Map<String, Double> now);
    }

    /** How thoroughly to search, as factors on the method's own numbers. */
    private enum Preset {
        QUICK(0.5, 0.5),
        BALANCED(1, 1),
        THOROUGH(2, 1),
        PATIENT(4, 2);

        private final double particles;
        private final double steps;

        Preset(double particles, double steps) {
            this.particles = particles;
            this.steps = steps;
        }

        @Override
        public String toString() {
            return Messages.of("preset." + name().toLowerCase(Locale.ROOT));
        }
    }

    ComposePane(Studio studio, Actions actions) {
        super(10);
        this.studio = studio;
        rewards = studio.rewards();
        var nothing = Bindings.createBooleanBinding(() -> prompt.getText().isBlank(), prompt.textProperty());
        queue = new QueuePane(studio, this::drawn, nothing);
        getStyleClass().add("compose");
        model = choices(studio.models(), Studio.Choice::name);
        method = choices(studio.methods(), Studio.Method::name);
        method.getItems().stream()
                .filter(m -> m.name().equals("fk"))
                .findFirst()
                .ifPresent(method::setValue);
        prompt.setId("prompt");
        prompt.setPromptText(Messages.of("compose.prompt.hint"));
        prompt.setWrapText(true);
        prompt.setPrefRowCount(3);
        typed(particles, Integer::valueOf);
        typed(steps, Integer::valueOf);
        typed(lambda, ComposePane::finite);
        typed(guidance, ComposePane::finite);
        buttons = new RunButtons(() -> actions.start(drawn()), actions::pause, actions::stop, nothing);
        buttons.startByEnterIn(this);
        settled.setOnFinished(e -> look());
        preset.setId("preset");
        preset.getItems().setAll(Preset.values());
        preset.setValue(Preset.BALANCED);
        preset.setOnAction(e -> takePreset());
        weights.visibleProperty().bind(running());
        weights.managedProperty().bind(running());
        running().subscribe(on -> {
            if (on) {
                weights.show(studio.weights(reward.getText()), actions::reweigh);
            }
        });
        lock.setId("lock");
        lock.setSelected(true);
        lock.setGraphic(new FontIcon(Feather.LOCK));
        lock.setAccessibleText(Messages.of("compose.lock.tip"));
        lock.setTooltip(new Tooltip(Messages.of("compose.lock.tip")));
        seed.setId("seed");
        seed.setTooltip(new Tooltip(Messages.of("compose.seed.tip")));
        seed.setAccessibleText(Messages.of("compose.seed"));
        HBox.setHgrow(seed, Priority.ALWAYS);
        var seedBox = new HBox(6, seed, lock);
        var command = new Button(Messages.of("compose.copy"), new FontIcon(Feather.TERMINAL));
        command.setId("copy");
        command.getStyleClass().addAll(Styles.FLAT, Styles.SMALL);
        command.setTooltip(new Tooltip(Messages.of("compose.copy.tip")));
        command.setOnAction(e -> {
            var content = new ClipboardContent();
            content.putString(command(settings()));
            Clipboard.getSystemClipboard().setContent(content);
        });
        var more = new VBox(
                10,
                field("negative", negative),
                field("hold-out", heldOut),
                field("model", model),
                field("steps", steps),
                field("guidance", guidance),
                field("lambda", lambda),
                field("seed", seedBox));
        var rest = new TitledPane(Messages.of("compose.more"), more);
        rest.setExpanded(false);
        rest.setId("more");
        rest.getStyleClass().add("more");
        foot.getChildren().addAll(explanation, buttons);
        foot.getStyleClass().add("compose-foot");
        getChildren()
                .addAll(
                        branch,
                        field("prompt", prompt),
                        field("method", method),
                        field("preset", preset),
                        field("reward", reward),
                        field("particles", particles),
                        weights,
                        command,
                        rest,
                        queue);
        method.valueProperty().subscribe(this::takeDefaults);
        for (Observable changing : List.of(
                prompt.textProperty(),
                negative.textProperty(),
                model.valueProperty(),
                reward.textProperty(),
                heldOut.textProperty(),
                method.valueProperty(),
                preset.valueProperty(),
                particles.valueProperty(),
                steps.valueProperty(),
                lambda.valueProperty(),
                guidance.valueProperty(),
                seed.textProperty())) {
            changing.addListener(c -> {
                settled.playFromStart();
                explanation.update();
            });
        }
        explainChoices();
        takeDefaults();
        reward.setTooltip(new Tooltip(rewardWords(rewards)));
    }

    /** What each choice would do, in a line, as long as it is pointed at or has the keys. */
    private void explainChoices() {
        explanation.explain(method, () -> method.getValue().words());
        explanation.explain(prompt, () -> Messages.of("would.prompt"));
        explanation.explain(negative, () -> Messages.of("would.negative"));
        explanation.explain(
                preset, () -> Messages.of("would.preset", preset.getValue().particles, preset.getValue().steps));
        explanation.explain(reward, () -> judged(reward.getText(), "would.reward"));
        explanation.explain(heldOut, () -> judged(heldOut.getText(), "would.hold-out"));
        explanation.explain(particles, () -> Messages.of("would.particles", particles.getValue()));
        explanation.explain(steps, () -> Messages.of("would.steps", steps.getValue()));
        explanation.explain(guidance, () -> stressed(guidance.getValue()));
        explanation.explain(
                lambda, () -> lambda.isDisable() ? Messages.of("would.lambda.none") : tilted(lambda.getValue()));
        explanation.explain(seed, () -> Messages.of(lock.isSelected() ? "would.seed" : "would.seed.free"));
        explanation.explain(lock, () -> Messages.of(lock.isSelected() ? "would.seed" : "would.seed.free"));
        explanation.explain(
                model, () -> Messages.of("would.model", model.getValue().words()));
        lock.selectedProperty().subscribe(explanation::update);
    }

    private static String stressed(double scale) {
        return scale == 1
                ? Messages.of("would.guidance.none")
                : Messages.of(scale < 1 ? "would.guidance.less" : "would.guidance", scale);
    }

    /** What exp(λ r) means. */
    private static String tilted(double lambda) {
        return lambda == 0
                ? Messages.of("would.lambda.plain")
                : lambda > 14 ? Messages.of("would.lambda.most") : Messages.of("would.lambda", Math.exp(lambda));
    }

    /** What the rewards that an expression names look at. */
    private String judged(String expression, String otherwise) {
        var named = studio.weights(expression).keySet();
        return rewards.stream()
                .filter(r -> named.stream().anyMatch(n -> n.equals(r.name()) || n.startsWith(r.name() + "(")))
                .map(r -> r.name() + ": " + r.words())
                .reduce((a, b) -> a + "\n" + b)
                .orElseGet(() -> Messages.of(otherwise));
    }

    private static String rewardWords(List<Studio.Choice> rewards) {
        var text = new StringBuilder(Messages.of("compose.reward.tip"));
        rewards.forEach(r -> text.append("\n").append(r.name()).append(": ").append(r.words()));
        return text.toString();
    }

    private static <T> ComboBox<T> choices(List<T> choices, Function<T, String> name) {
        var box = new ComboBox<T>();
        box.getItems().addAll(choices);
        box.setValue(choices.get(0));
        box.setMaxWidth(Double.MAX_VALUE);
        box.setConverter(new StringConverter<>() {
            @Override
            public String toString(T choice) {
                return choice == null ? "" : name.apply(choice);
            }

            @Override
            public T fromString(String text) {
                return choices.stream()
                        .filter(c -> name.apply(c).equals(text))
                        .findFirst()
                        .orElse(choices.get(0));
            }
        });
        return box;
    }

    private static VBox field(String key, Node input) {
        var label = new Label(Messages.of("compose." + key));
        label.getStyleClass().add("field");
        label.setLabelFor(input);
        if (input.getId() == null) {
            input.setId(key);
        }
        if (input instanceof javafx.scene.control.Control control) {
            control.setMaxWidth(Double.MAX_VALUE);
            control.setTooltip(new Tooltip(Messages.of("compose." + key + ".tip")));
            control.setAccessibleText(Messages.of("compose." + key));
        }
        return new VBox(4, label, input);
    }

    /** Another method begins from its own defaults; what it does not have cannot be chosen. */
    private void takeDefaults() {
        var defaults = method.getValue().defaults();
        model.getItems().stream()
                .filter(m -> m.name().equals(defaults.get("model")))
                .findFirst()
                .ifPresent(model::setValue);
        particles.getValueFactory().setValue(Integer.valueOf(defaults.getOrDefault("particles", "8")));
        steps.getValueFactory().setValue(Integer.valueOf(defaults.getOrDefault("steps", "50")));
        guidance.getValueFactory().setValue(Double.valueOf(defaults.getOrDefault("guidance", "3")));
        lambda.setDisable(!defaults.containsKey("lambda"));
        takePreset();
        look();
    }

    private void takePreset() {
        var defaults = method.getValue().defaults();
        var chosen = preset.getValue();
        int n = Integer.parseInt(defaults.getOrDefault("particles", "8"));
        int most = Integer.parseInt(defaults.getOrDefault("steps", "50"));
        particles.getValueFactory().setValue((int) Math.max(1, Math.round(n * chosen.particles)));
        // A sampler of a few steps is made for just those.
        steps.getValueFactory().setValue(most < 20 ? most : (int) Math.round(most * chosen.steps));
    }

    /** Says what a run of this would take, or why it cannot be. */
    private void look() {
        buttons.show(studio.outlook(settings()));
    }

    /**
     * Composes a branch: everything as it was in a run, but for what is changed now.
     *
     * @param folder of that run
     * @param settings of that run
     * @param step the first that is made anew, counting from 0
     * @param slot of the particle that it goes on from; -1 for all
     */
    void branch(Path folder, Map<String, String> settings, int step, int slot) {
        take(settings);
        branch.branch(folder, step, slot);
        look();
        // Not the prompt: the key that asked for the branch would be typed there.
        buttons.focusStart();
    }

    /** Shows what a run was made with; every value is one that its control can have. */
    void take(Map<String, String> settings) {
        branch.clear();
        prompt.setText(settings.getOrDefault("prompt", ""));
        negative.setText(settings.getOrDefault("negative", ""));
        method.getItems().stream()
                .filter(m -> m.name().equals(settings.get("method")))
                .findFirst()
                .ifPresent(method::setValue);
        model.getItems().stream()
                .filter(m -> m.name().equals(settings.get("model")))
                .findFirst()
                .ifPresent(model::setValue);
        reward.setText(settings.getOrDefault("reward", reward.getText()));
        heldOut.setText(settings.getOrDefault("hold-out", ""));
        seed.setText(settings.getOrDefault("seed", seed.getText()));
        whole(particles, settings.get("particles"));
        whole(steps, settings.get("steps"));
        number(lambda, settings.get("lambda"));
        number(guidance, settings.get("guidance"));
        look();
    }

    /** Chooses another reward, and nothing else. */
    void steerBy(String expression) {
        reward.setText(expression);
        reward.requestFocus();
    }

    /** Lets a number be typed. What is none leaves it as it was, and every digit that it has is kept. */
    private static <T extends Number> void typed(Spinner<T> spinner, Function<String, T> number) {
        spinner.setEditable(true);
        spinner.getValueFactory().setConverter(new StringConverter<>() {
            @Override
            public String toString(@Nullable T value) {
                return value == null ? "" : value.toString().replaceAll("\\.0$", "");
            }

            @Override
            public T fromString(String text) {
                try {
                    return number.apply(text.strip().replace(',', '.'));
                } catch (NumberFormatException e) {
                    spinner.getEditor().setText(toString(spinner.getValue()));
                    return spinner.getValue();
                }
            }
        });
    }

    private static double finite(String text) {
        double value = Double.parseDouble(text);
        if (!Double.isFinite(value)) {
            throw new NumberFormatException(text);
        }
        return value;
    }

    /** What was chosen, with a seed that is drawn now unless it is kept. */
    private Map<String, String> drawn() {
        if (!lock.isSelected()) {
            seed.setText(Integer.toString(new Random().nextInt(1_000_000)));
        }
        return settings();
    }

    private static void whole(Spinner<Integer> spinner, @Nullable String value) {
        if (value != null) {
            spinner.getValueFactory().setValue(Integer.valueOf(value.strip()));
        }
    }

    private static void number(Spinner<Double> spinner, @Nullable String value) {
        if (value != null) {
            spinner.getValueFactory().setValue(Double.valueOf(value.strip()));
        }
    }

    /** What is always in sight, however much there is to choose: what a run would take, start, pause and stop. */
    VBox foot() {
        return foot;
    }

    QueuePane queue() {
        return queue;
    }

    /** Shows how much parts of the reward of the run that goes on count. */
    void weigh(Map<String, Double> now) {
        weights.set(now);
    }

    BooleanProperty running() {
        return buttons.running();
    }

    /** Shows whether the run waits. */
    void paused(boolean waiting) {
        buttons.paused(waiting);
    }

    /** What was chosen, by the names of the command line. */
    Map<String, String> settings() {
        var settings = new LinkedHashMap<String, String>();
        settings.put("prompt", prompt.getText().strip());
        if (!negative.getText().isBlank() || branch.isBranch()) {
            settings.put("negative", negative.getText().strip());
        }
        settings.put("model", model.getValue().name());
        settings.put("method", method.getValue().name());
        settings.put("reward", reward.getText().strip());
        if (!heldOut.getText().isBlank() || branch.isBranch()) {
            settings.put("hold-out", heldOut.getText().strip());
        }
        settings.put("particles", particles.getValue().toString());
        settings.put("steps", steps.getValue().toString());
        if (!lambda.isDisable()) {
            settings.put("lambda", lambda.getValue().toString());
        }
        settings.put("guidance", guidance.getValue().toString());
        settings.put("seed", seed.getText().strip());
        settings.putAll(branch.settings());
        return settings;
    }

    /** The same as typed in a terminal. */
    static String command(Map<String, String> settings) {
        var command = new StringBuilder("tiller run ").append(ShellWord.quoted(settings.getOrDefault("prompt", "")));
        settings.forEach((name, value) -> {
            if (!name.equals("prompt")) {
                command.append(" --").append(name).append(' ').append(ShellWord.quoted(value));
            }
        });
        return command.toString();
    }
}
