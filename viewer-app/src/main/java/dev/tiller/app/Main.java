// SPDX-License-Identifier: Apache-2.0
package dev.tiller.app;

import dev.tiller.reward.Nearest;
import dev.tiller.run.TillerException;
import dev.tiller.run.Version;
import dev.tiller.tensor.Engine;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.lang.reflect.Array;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TimeZone;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code tiller} command. */
@Command(
        name = "tiller",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Versions.class,
        description = "Steers pretrained diffusion models at inference time: particles are denoised side by side,"
                + " and a reward decides which go on.",
        subcommands = {
            RunCommand.class,
            ViewCommand.class,
            GalleryCommand.class,
            ExportCommand.class,
            ScoreCommand.class,
            RewardsCommand.class,
            BenchCommand.class,
            ParityCommand.class,
            DoctorCommand.class,
            ModelsCommand.class,
            CompletionCommand.class
        },
        synopsisSubcommandLabel = "[COMMAND]",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed; one sentence on stderr says why",
            "2:the command line was not understood",
            "130:interrupted (Ctrl-C); what there was is written"
        },
        footerHeading = "%nBegin with:%n",
        footer = {
            "  tiller                     opens the window",
            "  tiller run \"a photo of a red circle and a blue square\"",
            "  tiller doctor",
            "",
            "NO_COLOR switches colours off. TILLER_MODELS names folders with models. The launcher gives Java the options in",
            "TILLER_JAVA_OPTS (-Xmx4g for more memory) and the jars in TILLER_CLASSPATH (rewards of your own)."
        })
public final class Main implements Callable<Integer> {
    static final int FAILED = 1;
    static final int INTERRUPTED = 130;

    /** Commands that nearly always need the engine. */
    private static final Set<String> COMPUTING = Set.of("run", "score");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    private Main() {}

    /** Without a command: the window, where there is a screen. */
    @Override
    public Integer call() {
        if (!ViewCommand.possible()) {
            throw new ParameterException(
                    spec.commandLine(), "Say what to do; there is no screen here for the window (DISPLAY is not set).");
        }
        ViewCommand.open(null);
        return 0;
    }

    public static void main(String[] args) {
        var engine = new Thread(Main::startEngine, "tiller-engine");
        if (args.length > 0 && COMPUTING.contains(args[0])) {
            linkNatives();
            engine.start();
        }
        int code = execute(Main::commandLine, args);
        join(engine);
        System.exit(code);
    }

    /** On this process's streams. */
    static int execute(BiFunction<PrintWriter, PrintWriter, CommandLine> commandLine, String... args) {
        // Not System.out: its encoding is that of the locale, and prompts are in any language.
        var out = new PrintWriter(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        var err = new PrintWriter(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        int code = commandLine.apply(out, err).execute(args);
        out.flush();
        err.flush();
        return code;
    }

    /** The native engine takes as long to load as the command line to be read. */
    private static void startEngine() {
        try {
            Engine.start();
        } catch (TillerException e) {
            // Whoever needs the engine is told the same again.
        }
    }

    /**
     * While a library is being loaded glibc lets nobody look up a symbol. Whoever calls a native method for the first time waits
     * for the end, a quarter of a second for libtorch; and if that is the collector's thread for references, everybody waits.
     * So what is needed meanwhile is called before.
     */
    private static void linkNatives() {
        Array.getLength(new int[0]);
        TimeZone.getDefault();
        var reference = new WeakReference<>(new Object());
        try {
            System.gc();
        } finally {
            Reference.reachabilityFence(reference);
        }
    }

    /** The process must not end while a native library is being loaded. */
    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static CommandLine commandLine(PrintWriter out, PrintWriter err) {
        var commandLine = new CommandLine(new Main());
        commandLine.getSubcommands().values().forEach(c -> {
            if (c.getCommand() instanceof RunCommand) {
                PlanArguments.addTo(c.getCommandSpec());
            } else if (c.getCommand() instanceof BenchCommand) {
                PlanArguments.addCommonTo(c.getCommandSpec(), BenchCommand.NOT_COMMON);
            }
        });
        return configured(commandLine, out, err);
    }

    /** What all command lines have in common. */
    static CommandLine configured(CommandLine commandLine, PrintWriter out, PrintWriter err) {
        commandLine.setOut(out);
        commandLine.setErr(err);
        // A prompt may begin with @.
        commandLine.setExpandAtFiles(false);
        commandLine.setOverwrittenOptionsAllowed(true);
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        var strategy = new CommandLine.RunLast();
        commandLine.setExecutionStrategy(parsed -> {
            try {
                return strategy.execute(parsed);
            } catch (OutOfMemoryError | StackOverflowError | LinkageError e) {
                return fail(e, last(parsed));
            }
        });
        commandLine.setExecutionExceptionHandler((e, command, parsed) -> fail(e, command));
        commandLine.setParameterExceptionHandler(Main::misunderstood);
        return commandLine;
    }

    private static CommandLine last(ParseResult parsed) {
        var commands = parsed.asCommandLineList();
        return commands.get(commands.size() - 1);
    }

    /** One sentence; the rest only for those who ask. */
    private static int fail(Throwable e, CommandLine command) {
        var err = command.getErr();
        err.println(command.getColorScheme().errorText("tiller: " + sentence(e)));
        if (command.getCommand() instanceof Verbose verbose && verbose.verbose()) {
            e.printStackTrace(err);
        }
        return FAILED;
    }

    private static String sentence(Throwable e) {
        if (e instanceof TillerException) {
            // Names out of a checkpoint's files are in it, and a terminal obeys what it is sent.
            return String.valueOf(e.getMessage()).replaceAll("[\\p{Cntrl}&&[^\\n]]", "\uFFFD");
        }
        if (e instanceof OutOfMemoryError) {
            return "There is not enough memory; use fewer --particles, a smaller --micro-batch or a smaller picture.";
        }
        return "Something is wrong in Tiller itself (" + e.getClass().getSimpleName()
                + (e.getMessage() == null
                        ? ""
                        : ": " + e.getMessage().lines().findFirst().orElse(""))
                + "); run again with --verbose and report what it prints.";
    }

    private static int misunderstood(ParameterException e, String[] args) {
        var command = e.getCommandLine();
        command.getErr().println(command.getColorScheme().errorText("tiller: " + sentence(e)));
        command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return CommandLine.ExitCode.USAGE;
    }

    /** With the name that was meant, if one is near. */
    private static String sentence(ParameterException e) {
        var command = e.getCommandLine().getCommandSpec();
        if (e instanceof UnmatchedArgumentException unmatched) {
            var word = unmatched.getUnmatched().get(0);
            if (unmatched.isUnknownOption()) {
                var name = word.replaceFirst("=.*", "");
                if (command.optionsMap().containsKey(name)) {
                    return "After -- nothing is an option; give " + name + " before it.";
                }
                return "There is no option " + name + "."
                        + Nearest.hint(name, command.optionsMap().keySet());
            }
            return command.subcommands().isEmpty()
                    ? "'" + word
                            + "' is one word too many; several words that belong together stand in quotation marks."
                    : "There is no command '" + word + "'."
                            + Nearest.hint(word, command.subcommands().keySet());
        }
        var message = String.valueOf(e.getMessage())
                .replaceFirst("is not an? (int|long)$", "is not a whole number")
                .replaceFirst("is not a double$", "is not a number");
        return message.endsWith(".") ? message : message + ".";
    }

    /** A command that may tell all of an error. */
    interface Verbose {
        boolean verbose();
    }

    static final class Versions implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                "Tiller " + Version.TILLER,
                "Java " + Runtime.version() + " on " + System.getProperty("os.name") + " "
                        + System.getProperty("os.arch")
            };
        }
    }
}
