// SPDX-License-Identifier: Apache-2.0
package dev.tiller.weights;

import dev.tiller.run.TillerException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the pickle of a {@code torch.save} file as data. A pickle is a program for a machine with a stack; this machine
 * knows the instructions that build dictionaries, lists, texts and numbers, and a few names ({@link #CALLABLE}, {@link
 * #STORAGES}), each of which stands for a record of this class and never for code. Every other instruction and name is
 * refused by what it is called, so nothing in a file can run.
 */
final class Pickle {
    /** What may be called, and makes a record of ours. */
    private static final List<String> CALLABLE = List.of(
            "collections.OrderedDict",
            "torch._utils._rebuild_tensor_v2",
            "torch._utils._rebuild_parameter",
            "torch.Size");

    private static final Map<String, ElementType> STORAGES = Map.of(
            "torch.DoubleStorage", ElementType.F64,
            "torch.FloatStorage", ElementType.F32,
            "torch.HalfStorage", ElementType.F16,
            "torch.BFloat16Storage", ElementType.BF16,
            "torch.LongStorage", ElementType.I64,
            "torch.IntStorage", ElementType.I32,
            "torch.ShortStorage", ElementType.I16,
            "torch.CharStorage", ElementType.I8,
            "torch.ByteStorage", ElementType.U8,
            "torch.BoolStorage", ElementType.BOOL);

    private static final int DEEPEST = 100_000;
    private static final Object MARK = new Object();
    private static final Object NONE = new Object();

    /** A name that the file mentions. */
    private record Global(String name) {}

    /** A run of numbers in the archive. */
    record Storage(ElementType type, String key, long elements) {}

    /** A view of a storage; offset, sizes and strides in elements. */
    record View(Storage storage, long offset, long[] shape, long[] strides) {}

    private final String where;
    private final ByteBuffer in;
    private final ArrayList<Object> stack = new ArrayList<>();
    private final Map<Integer, Object> memo = new HashMap<>();

    private Pickle(String where, ByteBuffer in) {
        this.where = where;
        this.in = in.order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The value that a pickle describes: {@link Map}, {@link List}, {@link View}, {@link String}, {@link Number}, {@link
     * Boolean}, or something without meaning.
     *
     * @param where what messages call it
     * @throws TillerException if it holds anything but tensors and plain data, or is damaged
     */
    static Object read(String where, ByteBuffer bytes) {
        var pickle = new Pickle(where, bytes);
        try {
            return pickle.run();
        } catch (java.nio.BufferUnderflowException e) {
            throw new TillerException(pickle.sentence("ends in the middle: it is truncated or damaged"), e);
        }
    }

    private Object run() {
        while (true) {
            int at = in.position();
            int code = in.get() & 0xff;
            switch (code) {
                case 0x80 -> { // PROTO
                    int protocol = in.get();
                    require(protocol >= 2 && protocol <= 5, "is of pickle protocol " + protocol);
                }
                case 0x95 -> in.getLong(); // FRAME
                case '(' -> push(MARK);
                case '}' -> push(new LinkedHashMap<>());
                case ']' -> push(new ArrayList<>());
                case ')' -> push(List.of());
                case 't' -> push(tuple(sinceMark()));
                case 0x85 -> push(tuple(last(1)));
                case 0x86 -> push(tuple(last(2)));
                case 0x87 -> push(tuple(last(3)));
                case 'N' -> push(NONE);
                case 0x88 -> push(true);
                case 0x89 -> push(false);
                case 'K' -> push((long) (in.get() & 0xff));
                case 'M' -> push((long) (in.getShort() & 0xffff));
                case 'J' -> push((long) in.getInt());
                case 0x8a -> push(longInteger());
                case 'G' -> push(in.order(ByteOrder.BIG_ENDIAN).getDouble());
                case 'X' -> push(text(in.getInt()));
                case 0x8c -> push(text(in.get() & 0xff));
                case 'q' -> remember(in.get() & 0xff);
                case 'r' -> remember(in.getInt());
                case 0x94 -> remember(memo.size());
                case 'h' -> push(recall(in.get() & 0xff));
                case 'j' -> push(recall(in.getInt()));
                case 'c' -> push(global(line(), line()));
                case 0x93 -> {
                    var names = last(2);
                    push(global(is(names.get(0), String.class), is(names.get(1), String.class)));
                }
                case 'Q' -> push(storage(pop()));
                case 'R' -> {
                    var call = last(2);
                    push(called(is(call.get(0), Global.class).name(), is(call.get(1), List.class)));
                }
                case 's' -> set(last(2));
                case 'u' -> set(sinceMark());
                case 'a' -> append(last(1));
                case 'e' -> append(sinceMark());
                case 'b' -> { // BUILD: attributes of a dictionary, such as _metadata, have no meaning here
                    pop();
                    is(peek(), Map.class);
                }
                case '.' -> {
                    var value = pop();
                    require(stack.isEmpty(), "leaves something behind");
                    return value;
                }
                default ->
                    throw broken("holds the instruction 0x%02x at byte %d, which plain tensors do not need"
                            .formatted(code, at));
            }
            in.order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    private Object called(String name, List<?> arguments) {
        return switch (name) {
            case "collections.OrderedDict" -> {
                var map = new LinkedHashMap<Object, Object>();
                for (Object pair : arguments.isEmpty() ? List.of() : is(arguments.get(0), List.class)) {
                    var entry = is(pair, List.class);
                    require(entry.size() == 2, "holds a dictionary whose entries are no pairs");
                    map.put(key(entry.get(0)), entry.get(1));
                }
                yield map;
            }
            case "torch._utils._rebuild_tensor_v2" -> {
                require(arguments.size() >= 4, "holds a damaged tensor");
                yield new View(
                        is(arguments.get(0), Storage.class),
                        is(arguments.get(1), Long.class),
                        numbers(arguments.get(2)),
                        numbers(arguments.get(3)));
            }
            case "torch._utils._rebuild_parameter" -> {
                require(!arguments.isEmpty(), "holds a damaged tensor");
                yield is(arguments.get(0), View.class);
            }
            case "torch.Size" -> {
                require(arguments.size() == 1, "holds a damaged size");
                yield is(arguments.get(0), List.class);
            }
            default -> throw broken("calls " + name + ", which plain tensors do not need");
        };
    }

    private Storage storage(Object id) {
        var parts = is(id, List.class);
        require(parts.size() >= 5 && parts.get(0).equals("storage"), "refers to something that is no tensor");
        var type = STORAGES.get(is(parts.get(1), Global.class).name());
        if (type == null) {
            throw broken("holds numbers of the kind "
                    + is(parts.get(1), Global.class).name());
        }
        return new Storage(type, is(parts.get(2), String.class), is(parts.get(4), Long.class));
    }

    private Global global(String module, String name) {
        var full = module + "." + name;
        if (!CALLABLE.contains(full) && !STORAGES.containsKey(full)) {
            throw broken("names " + full + ", which plain tensors do not need; it could run code in Python. Load the"
                    + " file where you trust it, and save its state_dict as safetensors");
        }
        return new Global(full);
    }

    private void set(List<Object> items) {
        require(items.size() % 2 == 0, "holds a damaged dictionary");
        @SuppressWarnings("unchecked") // only maps of objects are made here
        var map = (Map<Object, Object>) is(peek(), Map.class);
        for (int i = 0; i < items.size(); i += 2) {
            map.put(key(items.get(i)), items.get(i + 1));
        }
    }

    private void append(List<Object> items) {
        var list = is(peek(), ArrayList.class);
        @SuppressWarnings("unchecked")
        var objects = (List<Object>) list;
        objects.addAll(items);
    }

    /** Keys are texts and numbers: the hash of a list could take for ever, or contain itself. */
    private Object key(@Nullable Object key) {
        require(key instanceof String || key instanceof Number, "holds a dictionary with a key that is no text");
        return java.util.Objects.requireNonNull(key);
    }

    private long[] numbers(Object list) {
        var numbers = is(list, List.class);
        var values = new long[numbers.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = is(numbers.get(i), Long.class);
        }
        return values;
    }

    private long longInteger() {
        int length = in.get() & 0xff;
        require(length <= 9, "holds a number beyond all bounds");
        var bytes = new byte[length];
        for (int i = length - 1; i >= 0; i--) {
            bytes[i] = in.get();
        }
        var number = length == 0 ? BigInteger.ZERO : new BigInteger(bytes);
        require(number.bitLength() < Long.SIZE, "holds a number beyond all bounds");
        return number.longValue();
    }

    private String text(int length) {
        require(length >= 0 && length <= in.remaining(), "holds a text that is longer than the file");
        var slice = in.slice(in.position(), length);
        in.position(in.position() + length);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(slice).toString();
        } catch (CharacterCodingException e) {
            throw new TillerException(sentence("holds a text that is not UTF-8"), e);
        }
    }

    private String line() {
        var line = new StringBuilder();
        for (int c = in.get() & 0xff; c != '\n'; c = in.get() & 0xff) {
            line.append((char) c);
        }
        return line.toString();
    }

    // -- the stack

    private void push(Object value) {
        require(stack.size() < DEEPEST * 10, "nests beyond all bounds");
        stack.add(value);
    }

    private Object pop() {
        require(!stack.isEmpty() && stack.get(stack.size() - 1) != MARK, "takes more than it has given");
        return stack.remove(stack.size() - 1);
    }

    private Object peek() {
        require(!stack.isEmpty(), "takes more than it has given");
        return stack.get(stack.size() - 1);
    }

    private List<Object> last(int n) {
        var values = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            values.add(pop());
        }
        Collections.reverse(values);
        return values;
    }

    private List<Object> sinceMark() {
        int mark = stack.lastIndexOf(MARK);
        require(mark >= 0, "takes more than it has given");
        var values = new ArrayList<>(stack.subList(mark + 1, stack.size()));
        stack.subList(mark, stack.size()).clear();
        return values;
    }

    private static Object tuple(List<Object> values) {
        return Collections.unmodifiableList(values);
    }

    private void remember(int at) {
        require(memo.size() < DEEPEST * 10, "remembers beyond all bounds");
        memo.put(at, peek());
    }

    private Object recall(int at) {
        var value = memo.get(at);
        if (value == null || value == MARK) {
            throw broken("recalls what it never remembered");
        }
        return value;
    }

    private <T> T is(@Nullable Object value, Class<T> kind) {
        if (!kind.isInstance(value)) {
            throw broken("is not built like tensors that torch.save wrote");
        }
        return kind.cast(value);
    }

    private void require(boolean condition, String otherwise) {
        if (!condition) {
            throw broken(otherwise);
        }
    }

    private TillerException broken(String what) {
        return new TillerException(sentence(what));
    }

    private String sentence(String what) {
        return "The weight file " + where + " " + what + ".";
    }
}
