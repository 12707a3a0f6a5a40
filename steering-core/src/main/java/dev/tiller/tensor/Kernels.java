// SPDX-License-Identifier: Apache-2.0
package dev.tiller.tensor;

import ai.djl.ndarray.NDArray;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The operations of networks that are more than arithmetic, each one call of the TorchScript library {@code
 * kernels.py}. N is the number of rows, C channels, L tokens. Element types of operands must agree.
 */
public final class Kernels {
    private static final Map<Long, NDArray> INTEGERS = new ConcurrentHashMap<>();
    private static final Map<Double, NDArray> NUMBERS = new ConcurrentHashMap<>();

    /** Float32 numbers of a CPU's register: matrix products of other numbers of keys are slow. */
    private static final int VECTOR = 16;

    private Kernels() {}

    // -- linear maps

    /** {@code x·weightᵀ}: x ..×in, weight out×in. */
    public static Tensor linear(Tensor x, Tensor weight) {
        return run("linear", x.array(), weight.array());
    }

    /** {@code x·weightᵀ + bias}: x ..×in, weight out×in, bias out. */
    public static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
        return run("linear_bias", x.array(), weight.array(), bias.array());
    }

    /** Two-dimensional convolution: x N×in×H×W, weight out×in×k×k. */
    public static Tensor conv2d(Tensor x, Tensor weight, int stride, int padding) {
        return run("conv2d", x.array(), weight.array(), integer(stride), integer(padding));
    }

    /** Two-dimensional convolution: x N×in×H×W, weight out×in×k×k, bias out. */
    public static Tensor conv2d(Tensor x, Tensor weight, Tensor bias, int stride, int padding) {
        return run("conv2d_bias", x.array(), weight.array(), bias.array(), integer(stride), integer(padding));
    }

    /** Transposed two-dimensional convolution: x N×in×H×W, weight in×out×k×k, bias out or null. */
    public static Tensor convTranspose2d(Tensor x, Tensor weight, @Nullable Tensor bias, int stride, int padding) {
        return bias == null
                ? run("conv_transpose2d", x.array(), weight.array(), integer(stride), integer(padding))
                : run(
                        "conv_transpose2d_bias",
                        x.array(),
                        weight.array(),
                        bias.array(),
                        integer(stride),
                        integer(padding));
    }

    /** Zeros around the last two dimensions. */
    public static Tensor pad(Tensor x, int left, int right, int top, int bottom) {
        return run("pad", x.array(), integer(left), integer(right), integer(top), integer(bottom));
    }

    /** Row {@code ids[i]} of the table at place i: ids int64 of any shape, table V×C. */
    public static Tensor embedding(Tensor ids, Tensor table) {
        return run("embedding", ids.array(), table.array());
    }

    // -- normalisation

    /** Group normalisation of x N×C×…; weight and bias C. */
    public static Tensor groupNorm(Tensor x, Tensor weight, Tensor bias, int groups, double eps) {
        return run("group_norm", x.array(), weight.array(), bias.array(), integer(groups), number(eps));
    }

    /** {@link #silu} of {@link #groupNorm}. */
    public static Tensor groupNormSilu(Tensor x, Tensor weight, Tensor bias, int groups, double eps) {
        return run("group_norm_silu", x.array(), weight.array(), bias.array(), integer(groups), number(eps));
    }

    /** Normalisation over the last dimension C; weight and bias C. */
    public static Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, double eps) {
        return run("layer_norm", x.array(), weight.array(), bias.array(), number(eps));
    }

    /** The way back of {@link #layerNorm} at x. */
    public static Tensor layerNormPull(Tensor cotangent, Tensor x, Tensor weight, Tensor bias, double eps) {
        return run("layer_norm_pull", cotangent.array(), x.array(), weight.array(), bias.array(), number(eps));
    }

    // -- activations

    /** The larger of x and 0, with the gradient 0 at 0. */
    public static Tensor relu(Tensor x) {
        return run("relu", x.array());
    }

    /** x·sigmoid(x). */
    public static Tensor silu(Tensor x) {
        return run("silu", x.array());
    }

    /** x·Φ(x), exact. */
    public static Tensor gelu(Tensor x) {
        return run("gelu", x.array());
    }

    /** The tanh approximation of {@link #gelu}. */
    public static Tensor geluTanh(Tensor x) {
        return run("gelu_tanh", x.array());
    }

    /** x·sigmoid(1.702·x), as in OpenAI's CLIP. */
    public static Tensor quickGelu(Tensor x) {
        return run("quick_gelu", x.array());
    }

    /** The way back of {@link #gelu} at x. */
    public static Tensor geluPull(Tensor cotangent, Tensor x) {
        return run("gelu_pull", cotangent.array(), x.array());
    }

    /** The way back of {@link #geluTanh} at x. */
    public static Tensor geluTanhPull(Tensor cotangent, Tensor x) {
        return run("gelu_tanh_pull", cotangent.array(), x.array());
    }

    /** The way back of {@link #quickGelu} at x. */
    public static Tensor quickGeluPull(Tensor cotangent, Tensor x) {
        return run("quick_gelu_pull", cotangent.array(), x.array());
    }

    /** Adds e N×C to every pixel of x N×C×H×W. */
    public static Tensor addChannels(Tensor x, Tensor e) {
        return run("add_channels", x.array(), e.array());
    }

    // -- attention

    /**
     * Multi-head scaled dot-product attention, softmax(q·kᵀ/√d)·v with d = C/heads.
     *
     * @param q N×L×C
     * @param k N×S×C
     * @param v as k
     * @param causal whether a token sees only itself and those before it
     * @return N×L×C
     */
    public static Tensor attention(Tensor q, Tensor k, Tensor v, int heads, boolean causal) {
        return run("attention", q.array(), k.array(), v.array(), integer(heads), integer(causal ? 1 : 0));
    }

    /** As {@link #attention(Tensor, Tensor, Tensor, int, boolean)}, with a mask that broadcasts to N×heads×L×S and is added. */
    public static Tensor attention(Tensor q, Tensor k, Tensor v, int heads, Tensor mask) {
        return run("attention_mask", q.array(), k.array(), v.array(), integer(heads), mask.array());
    }

    /** N×3×H×W in [0, 1], which is cut off, to N×H×W×3 in 8 bits; halves go to the even neighbour. */
    static Tensor rgb8(Tensor x) {
        return run("rgb8", x.array());
    }

    /** {@link #attention} of N×L×3C, which holds queries, keys and values side by side; N×L×C. */
    public static Tensor selfAttention(Tensor qkv, int heads, boolean inFloat32) {
        return run("self_attention", qkv.array(), integer(heads), integer(inFloat32 ? 1 : 0));
    }

    /**
     * {@link #selfAttention} on a CPU, with what its way back needs.
     *
     * @param result N×T×C, of the first T tokens
     * @param sums N×heads×T, the logarithms of the softmax's sums
     */
    public record Attended(Tensor result, Tensor sums) {}

    /** What the first tokens see by {@link #selfAttention}, in float32 on a CPU, with what {@link #selfAttentionPull} needs. */
    public static Attended selfAttentionTape(Tensor qkv, int tokens, int heads) {
        var results = Engine.kernels().callForAll("self_attention_tape", qkv.array(), integer(tokens), integer(heads));
        return new Attended(Tensor.wrap(results.get(0)), Tensor.wrap(results.get(1)));
    }

    /** The way back of {@link #selfAttentionTape}, N×T×C to N×L×3C. */
    public static Tensor selfAttentionPull(Tensor cotangent, Tensor qkv, Attended attended, int heads) {
        return run(
                "self_attention_pull",
                cotangent.array(),
                qkv.array(),
                attended.result().array(),
                attended.sums().array(),
                integer(heads));
    }

    /**
     * {@link #attention} of queries N×L×C to keys and values side by side, R×S×2C, where N is a multiple of R: each run
     * of N/R queries shares one row, and nothing is copied for it. N×L×C.
     */
    public static Tensor crossAttention(Tensor q, Tensor keyValue, int heads, boolean inFloat32) {
        if (q.size() % keyValue.size() != 0) {
            throw new IllegalArgumentException(
                    q.size() + " rows cannot share " + keyValue.size() + " contexts equally");
        }
        boolean fill = keyValue.dim(1) > VECTOR && keyValue.dim(1) % VECTOR != 0 && Packed.supports(q);
        return run(
                fill ? "cross_attention_filled" : "cross_attention",
                q.array(),
                keyValue.array(),
                integer(heads),
                integer(inFloat32 ? 1 : 0));
    }

    /** Tokens of a picture, row by row: N×C×H×W to N×HW×C. */
    public static Tensor toTokens(Tensor x) {
        return run("to_tokens", x.array());
    }

    /** The picture of N×HW×C tokens added to x N×C×H×W. */
    public static Tensor fromTokensOnto(Tensor tokens, Tensor x) {
        return run("from_tokens_onto", tokens.array(), x.array());
    }

    // -- pictures

    /** The largest of each size × size pixels, every stride pixels, of N×C×H×W with minus infinity around it. */
    public static Tensor maxPool(Tensor x, int size, int stride, int padding) {
        return run("max_pool", x.array(), integer(size), integer(stride), integer(padding));
    }

    /** Every pixel four times: N×C×H×W to N×C×2H×2W. */
    public static Tensor upsampleNearest2x(Tensor x) {
        return run("upsample_nearest2x", x.array());
    }

    /** Nearest-neighbour resizing of N×C×H×W. */
    public static Tensor resizeNearest(Tensor x, int height, int width) {
        return run("resize_nearest", x.array(), integer(height), integer(width));
    }

    /** Bicubic resizing, corners not aligned; with antialias as PIL does (whose 8-bit rounding is not done here). */
    public static Tensor interpolateBicubic(Tensor x, int height, int width, boolean antialias) {
        return run("resize_bicubic", x.array(), integer(height), integer(width), integer(antialias ? 1 : 0));
    }

    /** The way back of {@link #interpolateBicubic} with antialias, from pictures of this height and width. */
    public static Tensor interpolateBicubicPull(Tensor cotangent, int height, int width) {
        return run("resize_bicubic_pull", cotangent.array(), integer(height), integer(width));
    }

    /** The same picture with the channels of a pixel side by side in memory; what layers make of it has that layout too. */
    public static Tensor channelsLast(Tensor x) {
        return run("channels_last", x.array());
    }

    /** Whether the channels of a pixel lie side by side in memory. */
    public static boolean isChannelsLast(Tensor x) {
        try (NDArray answer = raw("is_channels_last", x.array())) {
            return answer.getBoolean();
        }
    }

    // -- numbers from numbers

    /** Standard normal float32 numbers, those of {@code torch.randn(shape, generator=torch.Generator().manual_seed(seed))}. */
    public static Tensor randn(long seed, long... shape) {
        try (NDArray s = integers(seed);
                NDArray sizes = integers(shape)) {
            return run("randn", s, sizes);
        }
    }

    /**
     * The timestep embedding of diffusers' {@code get_timestep_embedding}, in float32: frequencies
     * 10000^(−i/(dim/2 − shift)), their sines and then cosines, or the reverse with {@code flip}.
     *
     * @param t N numbers
     * @param scale multiplies every angle
     * @return N×dim
     */
    public static Tensor sinusoid(Tensor t, int dim, boolean flip, double shift, double scale) {
        return run("sinusoid", t.array(), integer(dim), integer(flip ? 1 : 0), number(shift), number(scale));
    }

    // -- gradients

    /** The value of x, exactly, with the gradient of y. */
    public static Tensor straightThrough(Tensor x, Tensor y) {
        return run("straight_through", x.array(), y.array());
    }

    // -- for the package

    static Tensor run(String kernel, NDArray... args) {
        return Tensor.wrap(raw(kernel, args));
    }

    static NDArray raw(String kernel, NDArray... args) {
        return Engine.kernels().call(kernel, args);
    }

    /** A number out of a small set, such as a dimension or a stride; it is kept for ever. */
    static NDArray integer(long value) {
        return INTEGERS.computeIfAbsent(value, v -> {
            try (NDArray borrowed = Engine.manager().create(v.longValue())) {
                return borrowed.duplicate();
            }
        });
    }

    /** A number out of a small set, such as an epsilon; it is kept for ever. */
    static NDArray number(double value) {
        return NUMBERS.computeIfAbsent(value, v -> {
            try (NDArray borrowed = Engine.manager().create(v.doubleValue())) {
                return borrowed.duplicate();
            }
        });
    }

    /** Numbers in a new one-dimensional array, which the caller closes. */
    static NDArray integers(long... values) {
        return owned(values);
    }

    /** The UTF-8 bytes of a text, which the caller closes. */
    static NDArray text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        long[] values = new long[utf8.length];
        for (int i = 0; i < utf8.length; i++) {
            values[i] = utf8[i] & 0xff;
        }
        return owned(values);
    }

    private static NDArray owned(long[] values) {
        // DJL's array borrows the buffer's memory: a copy owns its own.
        try (NDArray borrowed = Engine.manager().create(values)) {
            return borrowed.duplicate();
        }
    }
}
